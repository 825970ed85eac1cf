import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DatabaseProxy, ProxiedConnection } from './support/database-proxy.js';
import { Harness } from './support/harness.js';
import { Visit, visit } from './support/visit.js';

const LOAD_VISITS = 1_000;

const cut = (connection: ProxiedConnection) => connection.cut();

describe('When PostgreSQL has committed, and the connection is cut before it can say so', () => {
  let harness: Harness;
  let proxy: DatabaseProxy;
  beforeAll(async () => {
    harness = await Harness.open();
    proxy = await harness.proxy();
  });
  afterAll(() => harness.close());

  /** So that it is no answer to the opening of a connection that is lost. */
  const startWarm = async () => {
    const app = await harness.startApp({ databaseUrl: proxy.url });
    expect(await visit(app, await harness.issue())).toBe(200);
    await harness.settled();
    return app;
  };

  it('a request that takes a use is answered with 503, its handler not run, and its use given back', async () => {
    const app = await startWarm();
    const link = await harness.issue();
    const lost = proxy.once('answers', '', cut);
    expect(await visit(app, link)).toBe(503);
    await lost;
    await harness.settled();
    expect(await harness.logs(link)).toMatchObject([{ outcome: 'released', statusCode: null }]);
    expect(await harness.useCount(link)).toBe(0);
    expect(await harness.runsWith(link)).toBe(0);
    expect(await visit(app, link)).toBe(200);
    await harness.settled();
    expect(await harness.violations()).toEqual([]);
  });

  it('a use is not given back twice', async () => {
    const app = await startWarm();
    const link = await harness.issue(2);
    expect(await visit(app, link)).toBe(200);
    await harness.settled();

    const failing = new Visit(app, link, 'failing-when-told');
    await harness.taken(link, 2);
    const lost = proxy.once('answers', '', cut);
    await visit(app, link, 'tell');
    await failing.ended;
    expect(failing.status).toBe(500);
    await lost;
    // Not before it was tried again.
    expect(await app.stop()).toEqual({ code: 0, signal: null });
    expect(await harness.useCount(link)).toBe(1);
    expect(await harness.violations()).toEqual([]);
  });

  it('again and again under load, every visit is answered, every use settled, and nothing lost', async () => {
    const app = await startWarm();
    const load = await harness.load(app);
    const losing = proxy.often('answers', '', cut, 0.05);
    await load.ended(LOAD_VISITS);
    losing.stop();
    await load.answered(200, 10, load.visits.length);
    await load.stop();
    expect([200, 403, 500, 503]).toEqual(expect.arrayContaining([...load.statuses()]));
    expect(load.statuses()).toContain(503);
    await harness.settled();
    expect(await harness.violations()).toEqual([]);
  });
});
