import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../support/wait-for.js';
import { Harness } from './support/harness.js';
import type { Link } from './support/links.js';
import { Visit, visit, visitAll } from './support/visit.js';

const POOL_SIZE = 10;

describe("While somebody else's transaction holds the row of a token", () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open();
  });
  afterAll(() => harness.close());

  const lock = ({ tokenId }: Link) =>
    harness.hold('SELECT FROM request_token WHERE id = $1 FOR UPDATE', [tokenId]);

  it.each([
    ['one request waits', 1],
    ['more requests wait than the pool has connections', POOL_SIZE + 2],
  ])('and %s for it, requests with other tokens are served', async (_, count) => {
    const app = await harness.startApp({ pool: { max: POOL_SIZE } });
    const held = await harness.issue(count);
    const transaction = await lock(held);
    const waiting = Array.from({ length: count }, () => new Visit(app, held, 'quick'));

    for (let round = 0; round < 3; round++) {
      expect(await visitAll(app, await harness.issueMany(10))).toEqual(Array(10).fill(200));
    }
    expect(waiting.filter(({ status }) => status === 200)).toEqual([]);

    await transaction.release();
    await Promise.all(waiting.map(({ ended }) => ended));
    const statuses = waiting.map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    await harness.settled();
    expect(await harness.useCount(held)).toBe(statuses.filter((status) => status === 200).length);
    expect(await harness.violations()).toEqual([]);
  });
});

describe("While somebody else's transaction holds the row of a token for longer than a statement may take", () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open();
  });
  afterAll(() => harness.close());

  it.each([
    ['the library', { statementTimeout: 1_000 }],
    // Of the role or the database: poolers refuse it as an option of the connection.
    ['PostgreSQL', {}],
  ])('by %s, requests with it get 503, and their neighbours are served', async (bound, options) => {
    if (bound === 'PostgreSQL') await harness.set('statement_timeout', '1s');
    const app = await harness.startApp({ ...options, databaseUrl: await harness.pooled(harness.directUrl) });
    const held = await harness.issue();
    const transaction = await harness.hold('SELECT FROM request_token WHERE id = $1 FOR UPDATE', [
      held.tokenId,
    ]);

    for (let round = 0; round < 2; round++) {
      const [some, others] = await Promise.all([harness.issueMany(5), harness.issueMany(5)]);
      const statuses = await visitAll(app, [...some, held, ...others]);
      expect(statuses).toEqual([...some.map(() => 200), 503, ...others.map(() => 200)]);
    }
    expect(await harness.runsWith(held)).toBe(0);

    await transaction.release();
    // What was given up may still wait in PostgreSQL for the lock: it takes the use, and loses it again.
    await waitFor(
      async () => (await visit(app, held)) === 200 || undefined,
      () => 'the use to be given back',
    );
    await harness.settled();
    expect(await harness.useCount(held)).toBe(1);
    expect(await harness.violations()).toEqual([]);
  });
});
