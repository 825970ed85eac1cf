import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../support/wait-for.js';
import type { AppProcess } from './support/app-process.js';
import type { DatabaseProxy, ProxiedConnection } from './support/database-proxy.js';
import { Harness } from './support/harness.js';
import { Visit, visit, visitAll } from './support/visit.js';

const BOUND_MS = 1_000;
/** A machine that has much to do adds to it. Without a bound nothing would ever end. */
const PATIENCE_MS = 10 * BOUND_MS;

const SILENCES = 15;

/** Of a pool of node-postgres, by default. */
const MOST_CONNECTIONS = 10;

/** It names the user first. */
const STARTUP_MESSAGE = 'user\0';

const silence = (connection: ProxiedConnection) => connection.silence();

describe('When a connection to the database goes silent, and nobody says that it has ended', () => {
  let harness: Harness;
  let proxy: DatabaseProxy;
  let app: AppProcess;
  beforeAll(async () => {
    harness = await Harness.open();
    proxy = await harness.proxy();
    app = await harness.startApp({
      databaseUrl: proxy.url,
      statementTimeout: BOUND_MS,
      // Only the pool can give up opening one.
      pool: { connectionTimeoutMillis: BOUND_MS },
    });
    // So that it is not one that has just been opened.
    await visitAll(app, await harness.issueMany(20));
    await harness.settled();
  });
  afterAll(() => harness.close());

  const inTime = async <Result>(ask: Promise<Result>): Promise<Result> => {
    const begun = Date.now();
    const result = await ask;
    expect(Date.now() - begun).toBeLessThan(PATIENCE_MS);
    return result;
  };

  it('while it claims, that reader gets 503 in time and can try again, and others are served', async () => {
    const link = await harness.issue();
    const silent = proxy.once('requests', link.tokenId, silence);
    const unlucky = inTime(visit(app, link));
    await silent;
    for (let round = 0; round < 3; round++) {
      expect(await inTime(visitAll(app, await harness.issueMany(5)))).toEqual(Array(5).fill(200));
    }
    expect(await unlucky).toBe(503);
    expect(await harness.runsWith(link)).toBe(0);
    expect(await inTime(visit(app, link))).toBe(200);
    await harness.settled();
    expect(await harness.useCount(link)).toBe(1);
    expect(await harness.violations()).toEqual([]);
  });

  it.each([
    ['kept', 'quick', 200, 1],
    ['given back', 'failing', 500, 0],
  ])(
    'while a use is settled that is %s, it is settled over another, and so are others',
    async (_, path, status, uses) => {
      const link = await harness.issue();
      let silent: Promise<unknown> | undefined;
      await Promise.all([
        // Behind what takes the use comes what settles it.
        proxy.once('requests', link.tokenId, () => {
          silent = proxy.once('requests', '', silence);
        }),
        expect(inTime(visit(app, link, path))).resolves.toBe(status),
      ]);
      await silent;
      expect(await inTime(visitAll(app, await harness.issueMany(10)))).toEqual(Array(10).fill(200));
      await harness.settled();
      expect(await harness.useCount(link)).toBe(uses);
      expect(await harness.violations()).toEqual([]);
    },
  );

  it('while it is opened, others are opened in its place, and the pool loses none', async () => {
    for (let round = 0; round < MOST_CONNECTIONS; round++) {
      for (const connection of proxy.connections) connection.cut();
      const silent = proxy.once('requests', STARTUP_MESSAGE, silence);
      const statuses = await inTime(visitAll(app, await harness.issueMany(5)));
      expect([200, 503]).toEqual(expect.arrayContaining([...new Set(statuses)]));
      await silent;
    }
    await harness.settled();
    expect(await inTime(visitAll(app, await harness.issueMany(20)))).toEqual(Array(20).fill(200));
    await harness.settled();
    expect(await harness.violations()).toEqual([]);
  });

  it('while it has nothing to do, and be it all of them, nobody waits for long, and links work again', async () => {
    for (const connection of proxy.connections) connection.silence();
    const links = await harness.issueMany(10);
    const statuses = await inTime(visitAll(app, links));
    expect([200, 503]).toEqual(expect.arrayContaining([...new Set(statuses)]));
    for (const link of links) {
      await waitFor(
        async () => (await inTime(visit(app, link))) !== 503 || undefined,
        () => 'the link to work',
      );
    }
    await harness.settled();
    for (const link of links) expect(await harness.useCount(link)).toBe(1);
    expect(await harness.violations()).toEqual([]);
  });

  it('again and again under load, no reader waits for long, every use is settled, and nothing lost', async () => {
    const load = await harness.load(app);
    for (let i = 0; i < SILENCES; i++) {
      await load.answered(200, 10, load.visits.length);
      const connections = [...proxy.connections];
      connections[Math.floor(Math.random() * connections.length)]?.silence();
      await setTimeout(Math.random() * BOUND_MS);
    }
    await load.answered(200, 50, load.visits.length);
    await load.stop();
    expect([200, 403, 500, 503]).toEqual(expect.arrayContaining([...load.statuses()]));
    expect(Math.max(...load.visits.map(({ milliseconds }) => milliseconds))).toBeLessThan(PATIENCE_MS);
    await harness.settled();
    expect(await harness.violations()).toEqual([]);
  });

  it('the app can be stopped', async () => {
    const link = await harness.issue();
    const failing = new Visit(app, link, 'failing-when-told');
    await harness.taken(link);
    for (const connection of proxy.connections) connection.silence();
    await visit(app, link, 'tell');
    await failing.ended;
    expect(await app.stop()).toEqual({ code: 0, signal: null });
  });
});
