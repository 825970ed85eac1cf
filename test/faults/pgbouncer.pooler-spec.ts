import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { type PgBouncer, startPgBouncer } from '../support/pgbouncer.js';

describe('startPgBouncer', () => {
  let pooler: PgBouncer;
  beforeAll(async () => {
    pooler = await startPgBouncer(process.env.TEST_DATABASE_URL!);
  });
  afterAll(() => pooler.destroy());

  it('puts a pooler in transaction mode in front of the database', async () => {
    const clients = Array.from({ length: 2 }, () => new Client({ connectionString: pooler.url }));
    await Promise.all(clients.map((client) => client.connect()));
    try {
      const pids: unknown[] = [];
      for (const client of clients) {
        pids.push(...(await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows);
      }
      expect(pids[0]).toEqual(pids[1]);
    } finally {
      await Promise.all(clients.map((client) => client.end()));
    }
  });
});
