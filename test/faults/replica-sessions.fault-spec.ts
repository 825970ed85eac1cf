import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { type PostgresServer, startPostgres, startReplica } from '../support/postgres-server.js';
import type { AppProcess } from './support/app-process.js';
import { Harness } from './support/harness.js';
import { visit } from './support/visit.js';

const ENDS = 200;
const READERS = 8;
const APPLICATION = 'app under fault';

describe("When sessions of an app on a replica (TypeORM's replication) are ended again and again", () => {
  let primary: PostgresServer;
  let replica: PostgresServer;
  let administrator: Client;
  let harness: Harness;
  let app: AppProcess;
  beforeAll(async () => {
    primary = await startPostgres();
    replica = await startReplica(primary);
    administrator = new Client({ connectionString: replica.url });
    await administrator.connect();
    harness = await Harness.open(primary.url);
    app = await harness.startApp({
      replicaUrl: await harness.pooled(replica.url),
      pool: { application_name: APPLICATION },
    });
  });
  afterAll(async () => {
    await harness.close();
    await administrator.end();
    await Promise.all([primary.destroy(), replica.destroy()]);
  });

  it('the app lives on, and its links work', async () => {
    const link = await harness.issue(null);
    let isOver = false;
    const readers = Array.from({ length: READERS }, async () => {
      const statuses = new Set<number | undefined>();
      while (!isOver) statuses.add(await visit(app, link, 'reading'));
      return statuses;
    });
    try {
      for (let i = 0; i < ENDS; i++) {
        await administrator.query(
          'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1',
          [APPLICATION],
        );
        await setTimeout(Math.random() * 10);
        if (i % 10 === 0) expect(await visit(app, link)).toBe(200);
      }
    } finally {
      isOver = true;
    }
    for (const statuses of await Promise.all(readers)) {
      expect([200, 500]).toEqual(expect.arrayContaining([...statuses]));
    }
    expect(await visit(app, link, 'reading')).toBe(200);
    await harness.settled();
    expect(await app.stop()).toEqual({ code: 0, signal: null });
    expect(await harness.violations()).toEqual([]);
  });
});
