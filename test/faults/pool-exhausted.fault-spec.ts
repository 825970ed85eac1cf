import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../support/wait-for.js';
import type { AppProcess } from './support/app-process.js';
import { Harness } from './support/harness.js';
import { visitAll } from './support/visit.js';

const POOL_SIZE = 2;

describe('While transactions of the app hold every connection of its pool', () => {
  let harness: Harness;
  let app: AppProcess;
  beforeAll(async () => {
    harness = await Harness.open();
    app = await harness.startApp({ pool: { max: POOL_SIZE, connectionTimeoutMillis: 1_000 } });
  });
  afterAll(() => harness.close());

  const waitingTransactions = async () => {
    const [{ count }] = await harness.dataSource.query<{ count: number }[]>(
      `SELECT count(*)::int FROM pg_locks JOIN pg_database ON pg_database.oid = database
       WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted`,
    );
    return count;
  };

  it('the answer is 503 and nothing is counted; afterwards the links work', async () => {
    const links = await harness.issueMany(10);
    const lock = await harness.hold('SELECT pg_advisory_xact_lock(1)');
    const transactions = visitAll(app, await harness.issueMany(POOL_SIZE), 'transaction');
    await waitFor(
      async () => (await waitingTransactions()) === POOL_SIZE || undefined,
      () => 'the transactions to hold their connections',
    );

    expect(await visitAll(app, links)).toEqual(links.map(() => 503));
    for (const link of links) {
      expect(await harness.runsWith(link)).toBe(0);
      expect(await harness.useCount(link)).toBe(0);
    }

    await lock.release();
    expect(await transactions).toEqual([200, 200]);
    expect(await visitAll(app, links)).toEqual(links.map(() => 200));
    await harness.settled();
    for (const link of links) expect(await harness.useCount(link)).toBe(1);
    expect(await harness.violations()).toEqual([]);
  });
});
