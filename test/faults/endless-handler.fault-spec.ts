import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppProcess } from './support/app-process.js';
import { Harness } from './support/harness.js';
import { Visit, visit, visitAll } from './support/visit.js';

describe('While a handler does not end', () => {
  let harness: Harness;
  let app: AppProcess;
  beforeAll(async () => {
    harness = await Harness.open();
    app = await harness.startApp();
  });
  afterAll(() => harness.close());

  /** Visits, and leaves once the handler runs. */
  const abandon = async () => {
    const endless = new Visit(app, await harness.issue(), 'endless');
    await harness.taken(endless.link);
    endless.leave();
    await endless.ended;
    return endless.link;
  };

  it('others are served, and its use stays pending until releasePending gives it back', async () => {
    const link = await abandon();
    expect(await visitAll(app, await harness.issueMany(20))).toEqual(Array(20).fill(200));
    expect(await harness.logs(link)).toMatchObject([{ outcome: 'pending', statusCode: null }]);
    expect(await visit(app, link)).toBe(403);
    expect(await harness.violations()).toEqual([]);

    expect(await harness.tokens.releasePending({ olderThan: 0 })).toBeGreaterThanOrEqual(1);
    expect(await harness.useCount(link)).toBe(0);
    expect(await visit(app, link)).toBe(200);
    await harness.settled();
    expect(await harness.violations()).toEqual([]);
  });

  it('the app can be stopped if the client has left', async () => {
    const link = await abandon();
    const stopping = Date.now();
    expect(await app.stop()).toEqual({ code: 0, signal: null });
    // What it waits for is whatever the handler may still do.
    expect(Date.now() - stopping).toBeLessThan(15_000);
    expect(await harness.logs(link)).toMatchObject([{ outcome: 'pending', statusCode: null }]);
    expect(await harness.tokens.releasePending({ olderThan: 0 })).toBe(1);
    expect(await harness.violations()).toEqual([]);
  });
});
