import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '../support/wait-for.js';
import type { AppProcess } from './support/app-process.js';
import type { DatabaseProxy, ProxiedConnection } from './support/database-proxy.js';
import { Harness } from './support/harness.js';
import type { Link } from './support/links.js';
import { visit } from './support/visit.js';

const BOUND_MS = 1_000;
const LOAD_VISITS = 800;

/** Commits of what takes uses, and of what withdraws them, wait for whoever holds these advisory locks. */
const USES = 1;
const WITHDRAWALS = 2;
const WAITING_COMMITS = `
  CREATE FUNCTION wait_for_lock() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock_shared(CASE NEW.outcome WHEN 'pending' THEN ${USES} ELSE ${WITHDRAWALS} END);
      RETURN NULL;
    END $$;
  CREATE CONSTRAINT TRIGGER wait_for_lock AFTER INSERT ON request_token_log
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_for_lock()`;

describe('When a use is taken although its client has given up, and is withdrawn', () => {
  let harness: Harness;
  let proxy: DatabaseProxy;
  let app: AppProcess;
  let link: Link;
  beforeAll(async () => {
    harness = await Harness.open();
    await harness.dataSource.query(WAITING_COMMITS);
    proxy = await harness.proxy();
    app = await harness.startApp({ databaseUrl: proxy.url, statementTimeout: BOUND_MS });
    expect(await visit(app, await harness.issue())).toBe(200);
    await harness.settled();
  });
  beforeEach(async () => {
    link = await harness.issue();
  });
  afterAll(() => harness.close());

  const holdCommits = (lock: number) => harness.hold('SELECT pg_advisory_xact_lock($1)', [lock]);

  /** Until a statement waits for the advisory lock, or for another transaction that has written the same key. */
  const waitingFor = (what: number | 'transaction') =>
    waitFor(
      async () => {
        const rows = await harness.dataSource.query<{ locktype: string; objid: number }[]>(
          'SELECT locktype, objid FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())',
        );
        const isIt = ({ locktype, objid }: (typeof rows)[number]) =>
          what === 'transaction' ? locktype === 'transactionid' : locktype === 'advisory' && objid === what;
        return rows.some(isIt) || undefined;
      },
      () => `a statement that waits for ${what}`,
    );

  const withdrawn = () =>
    waitFor(
      async () => {
        const logs = await harness.logs(link);
        return (logs.length > 0 && logs.every(({ outcome }) => outcome === 'released')) || undefined;
      },
      () => 'the use to be withdrawn',
    );

  /** What was sent has been executed by then, and nobody is left to hear of it. */
  const over = (connection: ProxiedConnection) =>
    waitFor(
      () => !proxy.connections.has(connection) || undefined,
      () => 'the end of a connection',
    );

  const lateUse = (trouble: (connection: ProxiedConnection) => void) => {
    const connection = proxy.once('requests', link.tokenId, trouble);
    return { connection, answer: visit(app, link) };
  };

  const orders: [string, () => Promise<void>][] = [
    [
      'it has committed before it is withdrawn',
      async () => {
        const { answer } = lateUse((connection) => connection.hold('answers'));
        expect(await answer).toBe(503);
      },
    ],
    [
      'it is withdrawn before it arrives',
      async () => {
        const { connection, answer } = lateUse((late) => late.hold('requests'));
        expect(await answer).toBe(503);
        await withdrawn();
        (await connection).release('requests');
        await over(await connection);
      },
    ],
    [
      'it commits while it is being withdrawn',
      async () => {
        const commits = await holdCommits(USES);
        const { answer } = lateUse((connection) => connection.hold('answers'));
        await waitingFor(USES);
        expect(await answer).toBe(503);
        await waitingFor('transaction');
        await commits.release();
      },
    ],
    [
      'it arrives while it is being withdrawn',
      async () => {
        const commits = await holdCommits(WITHDRAWALS);
        const { connection, answer } = lateUse((late) => late.hold('requests'));
        expect(await answer).toBe(503);
        await waitingFor(WITHDRAWALS);
        (await connection).release('requests');
        await waitingFor('transaction');
        await commits.release();
        await over(await connection);
      },
    ],
  ];
  it.each(orders)('no use stays taken, and the link works: %s', async (_, order) => {
    await order();
    await withdrawn();
    expect(await harness.logs(link)).toMatchObject([{ outcome: 'released', statusCode: null }]);
    expect(await harness.useCount(link)).toBe(0);
    expect(await harness.runsWith(link)).toBe(0);
    expect(await visit(app, link)).toBe(200);
    await harness.settled();
    expect(await harness.useCount(link)).toBe(1);
    expect(await harness.violations()).toEqual([]);
  });
});

describe('When the network stalls again and again under load, and delivers everything late', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open();
  });
  afterAll(() => harness.close());

  it('no use stays taken without a run of its handler, and none is given out twice', async () => {
    const proxy = await harness.proxy();
    const app = await harness.startApp({ databaseUrl: proxy.url, statementTimeout: BOUND_MS / 4 });
    const load = await harness.load(app);
    await load.answered(200, 10);
    const stalls: Promise<void>[] = [];
    const ways = (['requests', 'answers'] as const).map((way) =>
      proxy.often(
        way,
        '',
        (connection) => {
          connection.hold(way);
          stalls.push(setTimeout(Math.random() * BOUND_MS).then(() => connection.release(way)));
        },
        0.03,
      ),
    );
    await load.ended(LOAD_VISITS);
    ways.forEach((way) => way.stop());
    await load.stop();
    expect(load.statuses()).toContain(503);
    await Promise.all(stalls);
    expect(await app.stop()).toEqual({ code: 0, signal: null });
    await waitFor(
      () => proxy.connections.size === 0 || undefined,
      () => 'the end of all connections',
    );
    expect(await harness.pendingVisits()).toEqual([]);
    expect(await harness.violations()).toEqual([]);
  });
});
