import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inboxOf } from '../support/letters.js';
import { type PgBouncer, startPgBouncer } from '../support/pgbouncer.js';
import { Sandbox, type SandboxDatabase } from '../support/sandbox.js';

const READERS = 30;

describe('Behind a pooler in transaction mode', () => {
  const sandbox = new Sandbox();
  let database: SandboxDatabase;
  let pooler: PgBouncer;
  let env: Record<string, string>;
  beforeAll(async () => {
    database = await sandbox.database();
    pooler = await startPgBouncer(database.url);
    env = { DATABASE_URL: pooler.url, SUBSCRIBERS: await sandbox.subscribers(READERS) };
  });
  afterAll(async () => {
    await sandbox.close();
    await pooler.destroy();
  });

  it('the app starts, together with another and again, and leaves no lock behind', async () => {
    for (let start = 1; start <= 2; start++) {
      const apps = await Promise.all([sandbox.start(env), sandbox.start(env)]);
      for (const app of apps) expect((await app.stop()).code).toBe(0);
    }
    const locks = await database.query(
      `SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
       WHERE datname = current_database() AND locktype = 'advisory'`,
    );
    expect(locks).toEqual([]);
  });

  it('two processes told to send a mailing send it once, and each shows that it is being sent', async () => {
    const apps = await Promise.all([sandbox.start(env), sandbox.start(env)]);
    const holder = await database.connect();
    await holder.query('BEGIN; LOCK TABLE inbox_message IN ACCESS EXCLUSIVE MODE');
    for (const app of apps) expect((await app.submit('/mailings/spring-meetup/send')).status).toBe(303);
    for (const app of apps)
      expect((await app.open('/mailings/spring-meetup')).text).toContain('It is being sent');
    await holder.query('ROLLBACK');
    await apps[0].mailingSettled();
    const readers = (await inboxOf(database)).map(({ to }) => to);
    expect(readers).toHaveLength(READERS);
    expect(new Set(readers).size).toBe(READERS);
  });
});
