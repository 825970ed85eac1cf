import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Harness } from './support/harness.js';
import { visitAll } from './support/visit.js';

const TIMEOUT_MS = 50;
const ROUNDS = 160;
const VISITS = 8;

describe('When PostgreSQL ends connections that are idle for a moment', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open();
    await harness.set('idle_session_timeout', `${TIMEOUT_MS}ms`);
  });
  afterAll(() => harness.close());

  it('links work, also when they come at that very moment', async () => {
    const app = await harness.startApp();
    for (let round = 0; round < ROUNDS; round++) {
      const links = await harness.issueMany(VISITS);
      expect(await visitAll(app, links)).toEqual(links.map(() => 200));
      await setTimeout(TIMEOUT_MS - 20 + Math.random() * 50);
    }
    await harness.settled();
    expect(await harness.violations()).toEqual([]);
  });
});
