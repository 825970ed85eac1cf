import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Harness } from './support/harness.js';
import { visit, Visit } from './support/visit.js';

const KILLS = 20;

describe(`Of two processes under load, one is killed ${KILLS} times`, () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open();
  });
  afterAll(() => harness.close());

  it('and no use is lost; those cut off are pending, and are given back by releasePending', async () => {
    const survivor = await harness.startApp();
    /** Visits whose handlers can only end with their process. */
    const cutOff: Visit[] = [];
    const mortals = new Set<string>();
    const survivors = new Set<string>();

    for (let kill = 1; kill <= KILLS; kill++) {
      const mortal = await harness.startApp();
      const stuck = new Visit(mortal, await harness.issue(), 'endless');
      cutOff.push(stuck);
      const load = await harness.load(mortal, survivor);
      await harness.taken(stuck.link);
      await load.answered(200, 50);
      await setTimeout(Math.random() * 100);
      await mortal.kill();
      await load.stop();

      expect({ kill, violations: await harness.violations() }).toEqual({ kill, violations: [] });
      for (const { id, app } of [stuck, ...load.visits]) (app === survivor ? survivors : mortals).add(id);
      const unanswered = load.visits.filter(({ app, status }) => app === survivor && status === undefined);
      expect(unanswered).toEqual([]);
    }

    // Also settles whatever it had not settled yet.
    expect(await survivor.stop()).toEqual({ code: 0, signal: null });
    const pending = await harness.pendingVisits();
    expect(pending.filter((id) => survivors.has(id))).toEqual([]);
    expect(pending.filter((id) => mortals.has(id))).toHaveLength(pending.length);
    expect(pending).toEqual(expect.arrayContaining(cutOff.map(({ id }) => id)));

    const { link } = cutOff[0];
    expect(await harness.tokens.inspect(link.jwt)).toMatchObject({
      usable: false,
      code: 'token_exhausted',
      token: { useCount: 1 },
      logs: [{ outcome: 'pending', statusCode: null, durationMs: null }],
    });
    expect(await harness.tokens.releasePending({ olderThan: '1h' })).toBe(0);
    expect(await harness.tokens.releasePending({ olderThan: 0 })).toBe(pending.length);
    expect(await harness.pendingVisits()).toEqual([]);
    expect(await harness.violations()).toEqual([]);
    expect(await harness.tokens.inspect(link.jwt)).toMatchObject({
      usable: true,
      token: { useCount: 0 },
      logs: [{ outcome: 'released', statusCode: null }],
    });
    expect(await harness.tokens.releasePending({ olderThan: 0 })).toBe(0);

    expect(await visit(await harness.startApp(), link)).toBe(200);
    await harness.settled();
    expect(await harness.violations()).toEqual([]);
  }, 120_000);
});
