import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Harness } from './support/harness.js';

const MANY = 50_000;

describe('While all tokens of a scope are revoked under load', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open();
  });
  afterAll(() => harness.close());

  it('little by little, their links are answered, and none of them works afterwards', async () => {
    const load = await harness.load(await harness.startApp());
    const many = harness.tokens.issueMany(Array.from({ length: MANY }, () => ({ scope: 'fault' })));
    while (!(await many.next()).done);
    await load.answered(200, 50, load.visits.length);
    const clicks = load.visits.length;

    expect(await harness.tokens.revoke({ scope: 'fault' })).toBeGreaterThan(MANY);
    const revoked = load.visits.length;
    await load.answered(403, 50, revoked);
    await load.stop();
    expect(load.statuses(clicks)).not.toContain(503);
    expect(load.statuses(revoked)).toEqual(new Set([403]));

    // One that is large enough to hold up whoever clicks would be one transaction.
    const [{ transactions }] = await harness.dataSource.query<{ transactions: number }[]>(
      `SELECT count(DISTINCT xmin::text)::int AS transactions FROM request_token WHERE use_count = 0`,
    );
    expect(transactions).toBeGreaterThan(10);
    await harness.settled();
    expect(await harness.violations()).toEqual([]);
  });
});
