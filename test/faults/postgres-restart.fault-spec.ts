import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../support/postgres-server.js';
import type { AppProcess } from './support/app-process.js';
import { Harness } from './support/harness.js';

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
});
