import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../support/postgres-server.js';
import type { AppProcess } from './support/app-process.js';
import { Harness } from './support/harness.js';
import { Visit, visit } from './support/visit.js';

describe('When PostgreSQL is stopped and started again under load', () => {
  let server: PostgresServer;
  let harness: Harness;
  let app: AppProcess;
  beforeAll(async () => {
    server = await startPostgres();
    harness = await Harness.open(server.url);
    app = await harness.startApp();
  });
  afterAll(async () => {
    await harness.close();
    await server.destroy();
  });

  it.each([1, 2, 3])(
    'the answers are 503 meanwhile, afterwards as before, and no use stays pending (round %i)',
    async () => {
      const load = await harness.load(app);
      await load.answered(200, 50);

      await server.stop();
      const stopped = load.visits.length;
      await load.answered(503, 30, stopped);
      expect(load.statuses(stopped)).toEqual(new Set([503]));

      await server.start();
      await load.answered(200, 50, load.visits.length);
      await load.stop();
      expect(load.statuses()).not.toContain('none');
      await harness.settled();
      expect(await harness.violations()).toEqual([]);
    },
  );

  it('an app that is told to stop meanwhile does so; its use is pending until releasePending gives it back', async () => {
    const link = await harness.issue();
    const failing = new Visit(app, link, 'failing-when-told');
    await harness.taken(link);
    await server.stop();
    await visit(app, link, 'tell');
    await failing.ended;
    expect(failing.status).toBe(500);
    expect(await app.stop()).toEqual({ code: 0, signal: null });

    await server.start();
    expect(await harness.logs(link)).toMatchObject([{ outcome: 'pending', statusCode: null }]);
    expect(await harness.tokens.releasePending({ olderThan: 0 })).toBe(1);
    expect(await harness.useCount(link)).toBe(0);
    expect(await harness.violations()).toEqual([]);
  });
});
