import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../support/wait-for.js';
import type { AppProcess } from './support/app-process.js';
import { Harness } from './support/harness.js';
import { visit, visitAll } from './support/visit.js';

const REFUSAL = `
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$;`;

describe('While the log cannot be written', () => {
  let harness: Harness;
  let app: AppProcess;
  beforeAll(async () => {
    harness = await Harness.open();
    app = await harness.startApp();
  });
  afterAll(() => harness.close());

  const execute = (sql: string) => harness.dataSource.query(sql);

  it.each([
    [
      'its table is not there',
      'ALTER TABLE request_token_log RENAME TO away',
      'ALTER TABLE away RENAME TO request_token_log',
    ],
    [
      'its table takes no new rows',
      `${REFUSAL} CREATE TRIGGER refuse BEFORE INSERT ON request_token_log EXECUTE FUNCTION refuse()`,
      'DROP FUNCTION refuse CASCADE',
    ],
  ])(
    'because %s, uses are refused with 503 and nothing is counted; afterwards all is well',
    async (_, spoil, mend) => {
      const links = await harness.issueMany(10);
      const load = await harness.load(app);
      await load.answered(200, 50);

      await execute(spoil);
      const spoilt = load.visits.length;
      await load.answered(503, 20, spoilt);
      expect(load.statuses(spoilt)).toEqual(new Set([503]));
      expect(await visitAll(app, links)).toEqual(links.map(() => 503));
      for (const link of links) {
        expect(await harness.runsWith(link)).toBe(0);
        expect(await harness.useCount(link)).toBe(0);
      }

      await execute(mend);
      await load.answered(200, 20, load.visits.length);
      expect(await visitAll(app, links)).toEqual(links.map(() => 200));
      await load.stop();
      await harness.settled();
      expect(await harness.violations()).toEqual([]);
    },
  );

  it('for one token, only that one is refused', async () => {
    const refused = await harness.issue();
    await execute(`${REFUSAL}
      CREATE TRIGGER refuse BEFORE INSERT ON request_token_log
        FOR EACH ROW WHEN (NEW.token_id = '${refused.tokenId}') EXECUTE FUNCTION refuse()`);
    const [some, others] = await Promise.all([harness.issueMany(10), harness.issueMany(10)]);
    const statuses = await visitAll(app, [...some, refused, ...others]);
    await execute('DROP FUNCTION refuse CASCADE');
    expect(statuses).toEqual([...some.map(() => 200), 503, ...others.map(() => 200)]);
    expect(await harness.runsWith(refused)).toBe(0);
    expect(await harness.useCount(refused)).toBe(0);

    expect(await visit(app, refused)).toBe(200);
    await harness.settled();
    expect(await harness.violations()).toEqual([]);
  });

  it('when uses are to be settled, the answers go out, and the uses are settled afterwards', async () => {
    const kept = await harness.issueMany(20);
    const givenBack = await harness.issueMany(20);
    await execute(
      `${REFUSAL} CREATE TRIGGER refuse BEFORE UPDATE ON request_token_log EXECUTE FUNCTION refuse()`,
    );
    expect(await visitAll(app, kept)).toEqual(kept.map(() => 200));
    expect(await visitAll(app, givenBack, 'failing')).toEqual(givenBack.map(() => 500));
    expect(await harness.pendingVisits()).toHaveLength(kept.length + givenBack.length);

    await execute('DROP FUNCTION refuse CASCADE');
    await harness.settled();
    for (const link of kept) expect(await harness.useCount(link)).toBe(1);
    for (const link of givenBack) expect(await harness.useCount(link)).toBe(0);
    expect(await harness.violations()).toEqual([]);
  });

  it('when the use of one token is to be settled, those of others are settled all the same', async () => {
    const stuck = await harness.issue();
    await execute(`${REFUSAL}
      CREATE TRIGGER refuse BEFORE UPDATE ON request_token_log
        FOR EACH ROW WHEN (NEW.token_id = '${stuck.tokenId}') EXECUTE FUNCTION refuse()`);
    const others = await harness.issueMany(20);
    expect(await visitAll(app, [stuck, ...others])).toEqual(Array(21).fill(200));
    await waitFor(
      async () => (await harness.pendingVisits()).length === 1 || undefined,
      () => 'all but one use to be settled',
    );
    expect(await harness.logs(stuck)).toMatchObject([{ outcome: 'pending' }]);

    await execute('DROP FUNCTION refuse CASCADE');
    await harness.settled();
    expect(await harness.violations()).toEqual([]);
  });
});
