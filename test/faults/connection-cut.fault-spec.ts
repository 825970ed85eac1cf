import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Harness } from './support/harness.js';

const CUTS = 30;
const APPLICATION = 'app under fault';

describe('When the connections of two processes under load are cut again and again', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open();
  });
  afterAll(() => harness.close());

  /** Whatever they are doing at this moment. */
  const cut = () =>
    harness.dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = $1`,
      [APPLICATION],
    );

  it('every visit is answered, every use settled, and nothing lost', async () => {
    const apps = await Promise.all(
      [1, 2].map(() => harness.startApp({ pool: { application_name: APPLICATION } })),
    );
    const load = await harness.load(...apps);
    for (let i = 0; i < CUTS; i++) {
      await load.answered(200, 10, load.visits.length);
      await cut();
    }
    await load.answered(200, 10, load.visits.length);
    await load.stop();

    expect([200, 403, 500, 503]).toEqual(expect.arrayContaining([...load.statuses()]));
    await harness.settled();
    expect(await harness.violations()).toEqual([]);
  });
});
