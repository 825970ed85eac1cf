import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Harness } from './support/harness.js';
import { visitAll } from './support/visit.js';

const CLICKS = 64;
const VISITS = 1_000;

describe.each(['repeatable read', 'serializable'])('When transactions are %s by default', (level) => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open();
    await harness.set('default_transaction_isolation', level);
  });
  afterAll(() => harness.close());

  it('many clicks on one link at once work, and so do all links under load, in two processes', async () => {
    const apps = await Promise.all([harness.startApp(), harness.startApp()]);
    const unlimited = await harness.issue(null);
    const clicks = await Promise.all(
      apps.map((app) => visitAll(app, Array<typeof unlimited>(CLICKS / 2).fill(unlimited))),
    );
    expect(clicks.flat()).toEqual(Array(CLICKS).fill(200));

    const load = await harness.load(...apps);
    await load.ended(VISITS);
    await load.stop();
    expect([200, 403, 500]).toEqual(expect.arrayContaining([...load.statuses()]));
    await harness.settled();
    expect(await harness.useCount(unlimited)).toBe(CLICKS);
    expect(await harness.violations()).toEqual([]);
  });
});
