import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Harness } from './support/harness.js';

const MANY = 20_000;
const OPTIONS = { keepLogs: '1y', keepTokens: '1y', batchSize: 200 };

describe('While old tokens and their log are cleared away under load', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open();
  });
  afterAll(() => harness.close());

  /** Ends the connection of whoever clears away at the moment. */
  const interrupt = () =>
    harness.dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'
         AND query LIKE '%1920233062%'`,
    );

  it('twice at once, and interrupted again and again, links are answered, and nothing else goes', async () => {
    await harness.dataSource.query(
      `INSERT INTO request_token (id, scope, login_mode, issued_at, revoked_at)
       SELECT gen_random_uuid(), 'old', 'none', now() - interval '3 years', now() - interval '2 years'
       FROM generate_series(1, ${MANY})`,
    );
    await harness.dataSource.query(
      `INSERT INTO request_token_log (id, token_id, outcome, started_at)
       SELECT ('00000000' || substr(gen_random_uuid()::text, 9))::uuid, id, 'used', issued_at
       FROM request_token WHERE scope = 'old'`,
    );
    const load = await harness.load(await harness.startApp());
    await load.answered(200, 50);
    const before = load.visits.length;

    let isOver = false;
    const interruptions = (async () => {
      while (!isOver) {
        await interrupt();
        await setTimeout(Math.random() * 100);
      }
    })();
    let deleted = 0;
    let failures = 0;
    const clear = async () => {
      for (let tries = 0; tries < 40; tries++) {
        const done = await harness.tokens.maintain(OPTIONS).catch(() => undefined);
        if (done) return void (deleted += done.logs);
        failures += 1;
      }
    };
    await Promise.all([clear(), clear()]);
    isOver = true;
    await interruptions;
    await harness.tokens.maintain(OPTIONS);

    const [{ old }] = await harness.dataSource.query<{ old: number }[]>(
      `SELECT (SELECT count(*) FROM request_token WHERE scope = 'old')::int
         + (SELECT count(*) FROM request_token_log WHERE started_at < now() - interval '1 year')::int AS old`,
    );
    expect({ old, isMore: deleted > MANY }).toEqual({ old: 0, isMore: false });
    expect(failures).toBeLessThan(80);
    await load.answered(200, 50, before);
    await load.stop();
    expect(load.statuses(before)).not.toContain(503);
    await harness.settled();
    expect(await harness.violations()).toEqual([]);
  }, 180_000);
});
