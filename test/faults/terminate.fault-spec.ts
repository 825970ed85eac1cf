import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Harness } from './support/harness.js';

describe('An app that is told to stop under load', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open();
  });
  afterAll(() => harness.close());

  it.each([1, 2, 3])('settles every use before it ends, and ends well (round %i)', async () => {
    const app = await harness.startApp();
    const load = await harness.load(app);
    await load.answered(200, 50);
    await setTimeout(Math.random() * 100);
    expect(await app.stop()).toEqual({ code: 0, signal: null });
    await load.stop();

    expect(await harness.pendingVisits()).toEqual([]);
    expect(await harness.violations()).toEqual([]);
    const outcomes = await harness.outcomes();
    const logged = load.visits
      .filter(({ status }) => status === 200 || status === 500)
      .map(({ id, status }) => ({ answered: status, ...outcomes.get(id) }));
    for (const { answered, outcome, statusCode } of logged) {
      expect({ outcome, statusCode }).toEqual({
        outcome: answered === 200 ? 'used' : 'released',
        statusCode: answered,
      });
    }
  });
});
