import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, InternalServerErrorException } from '@nestjs/common';
import fc from 'fast-check';
import { RequestTokenStatistic, type StatisticsOptions, UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { QueryCounter } from '../../support/query-counter.js';
import { TestApp } from '../../support/test-app.js';

@Controller()
class LinksController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {}

  @Get('broken')
  @UseRequestToken({ scope: 'rsvp' })
  broken() {
    throw new InternalServerErrorException();
  }
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const uuidAt = (time: number, n: number): string => {
  const hex = time.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`;
};

describe.each(ADAPTER_NAMES)('%s: statistics', (adapter) => {
  let app: TestApp;
  beforeAll(async () => (app = await TestApp.start({ adapter, controllers: [LinksController] })));
  afterAll(() => app.close());

  it('count what has just happened, and deferred tokens, which have no row', async () => {
    const open = (path: string, jwt: string) => app.http.get(path).query({ rt: jwt });
    const ann = await app.tokens.issue({ scope: 'rsvp', user: 'ann', maxUses: 2 });
    const ben = await app.tokens.issue({ scope: 'rsvp', user: 'ben', deferred: true, expiresIn: '1h' });
    await app.tokens.issue({ scope: 'rsvp', user: 'cid', deferred: true, expiresIn: '1h' });
    await app.tokens.issue({ target: '/somewhere' });
    await open('/broken', ann.jwt);
    await open('/rsvp', ann.jwt);
    await open('/rsvp', ann.jwt);
    await open('/rsvp', ann.jwt);
    await open('/rsvp', ben.jwt);
    await app.tokens.settled();

    const options = { from: new Date(Date.now() - HOUR_MS), to: new Date(Date.now() + HOUR_MS) };
    const ofScope = { issued: 3, used: 3, released: 1, refused: { token_exhausted: 1 }, users: 2 };
    expect(await app.tokens.statistics({ ...options, by: 'scope' })).toEqual([
      { key: '', issued: 1, used: 0, released: 0, refused: {}, users: 0 },
      { key: 'rsvp', ...ofScope },
    ]);
    const [day] = await app.tokens.statistics({ ...options, by: 'day', scope: 'rsvp' });
    expect(day.key).toMatch(/^\d{4}-\d\d-\d\d$/);
    const [hour] = await app.tokens.statistics({ ...options, by: 'hour', scope: 'rsvp' });
    expect(hour.key).toMatch(/^\d{4}-\d\d-\d\dT\d\d:00:00\.000Z$/);
  });

  it.each<[string, unknown]>([
    ['an unknown property', { from: new Date(0), to: new Date(), by: 'day', user: 'ann' }],
    ['no bounds', { by: 'day' }],
    ['a bound that is undefined', { from: undefined, to: new Date(), by: 'day' }],
    ['a text for a date', { from: '2026-01-01', to: new Date(), by: 'day' }],
    ['bounds in the wrong order', { from: new Date(), to: new Date(0), by: 'day' }],
    ['no such key', { from: new Date(0), to: new Date(), by: 'week' }],
    ['too many hours', { from: new Date(0), to: new Date(), by: 'hour' }],
    ['a scope that is undefined', { from: new Date(0), to: new Date(), by: 'day', scope: undefined }],
  ])('refuse %s', async (_, options) => {
    await expect(app.tokens.statistics(options as StatisticsOptions)).rejects.toThrow(TypeError);
  });
});

describe('Statistics of days that are over', () => {
  const counter = new QueryCounter();
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ controllers: [LinksController], dataSource: counter.dataSource });
  });
  afterAll(() => app.close());

  const begin = Math.floor(Date.now() / DAY_MS) * DAY_MS - 5 * DAY_MS;
  const query = (sql: string, values: unknown[] = []) => app.dataSource.query<never[]>(sql, values);

  interface Attempt {
    hour: number;
    scope: string;
    user: number;
    outcome: string;
    repeats: number;
  }
  const attempt: fc.Arbitrary<Attempt> = fc
    .record({
      hour: fc.integer({ min: 0, max: 71 }),
      scope: fc.constantFrom('a', 'b', 'c'),
      user: fc.integer({ min: 0, max: 5 }),
      outcome: fc.constantFrom('used', 'used', 'released', 'pending', 'token_exhausted', 'token_revoked'),
      repeats: fc.integer({ min: 1, max: 4 }),
    })
    .map((one) => (one.outcome.startsWith('token_') ? one : { ...one, repeats: 1 }));

  const fill = async (attempts: Attempt[]) => {
    await query('TRUNCATE request_token, request_token_log, request_token_statistic');
    const tokens = attempts.map(({ hour, scope, user }, n) => ({
      id: uuidAt(begin + hour * HOUR_MS, n),
      scope,
      user_id: `user ${user}`,
    }));
    await query(
      `INSERT INTO request_token (id, scope, user_id, login_mode, issued_at)
       SELECT id, scope, user_id, 'request', now() FROM json_to_recordset($1) AS token (id uuid, scope text, user_id text)`,
      [JSON.stringify(tokens)],
    );
    const logs = attempts.map(({ hour, outcome, repeats, user }, n) => ({
      id: uuidAt(begin + hour * HOUR_MS + 1, n),
      token_id: tokens[n].id,
      user_id: `user ${user}`,
      outcome,
      repeats,
    }));
    await query(
      `INSERT INTO request_token_log (id, token_id, user_id, outcome, started_at, repeats)
       SELECT id, token_id, user_id, outcome, now(), repeats
       FROM json_to_recordset($1) AS log (id uuid, token_id uuid, user_id text, outcome text, repeats int)`,
      [JSON.stringify(logs)],
    );
  };

  const KEYS = {
    day: ({ hour }: Attempt) => new Date(begin + hour * HOUR_MS).toISOString().slice(0, 10),
    hour: ({ hour }: Attempt) => new Date(begin + hour * HOUR_MS).toISOString(),
    scope: ({ scope }: Attempt) => scope,
  };
  /** By counting. */
  const expected = (attempts: Attempt[], by: keyof typeof KEYS) => {
    const keys = [...new Set(attempts.map(KEYS[by]))].sort();
    return keys.map((key) => {
      const of = attempts.filter((one) => KEYS[by](one) === key);
      const refused: Record<string, number> = {};
      for (const { outcome, repeats } of of) {
        if (outcome.startsWith('token_')) refused[outcome] = (refused[outcome] ?? 0) + repeats;
      }
      const used = of.filter(({ outcome }) => outcome === 'used');
      return {
        key,
        issued: of.length,
        used: used.length,
        released: of.filter(({ outcome }) => outcome === 'released').length,
        refused,
        users: new Set(used.map(({ user }) => user)).size,
      };
    });
  };
  const statistics = (by: keyof typeof KEYS) =>
    app.tokens.statistics({ from: new Date(begin), to: new Date(begin + 3 * DAY_MS), by });
  const settled = (attempts: Attempt[]) =>
    attempts.map((one) => (one.outcome === 'pending' ? { ...one, outcome: 'released' } : one));

  it('are those of the log, before and after what was pending is given back, and when the log is gone', async () => {
    const attempts = fc.array(attempt, { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(attempts, async (made) => {
        await fill(made);
        for (const by of ['day', 'hour', 'scope'] as const)
          expect(await statistics(by)).toEqual(expected(made, by));
        await query(`UPDATE request_token_log SET outcome = 'released' WHERE outcome = 'pending'`);
        const ended = settled(made);
        for (const by of ['scope', 'day', 'hour'] as const)
          expect(await statistics(by)).toEqual(expected(ended, by));
        await query('TRUNCATE request_token, request_token_log');
        for (const by of ['day', 'hour', 'scope'] as const)
          expect(await statistics(by)).toEqual(expected(ended, by));
      }),
      { numRuns: 25 },
    );
  });

  it('outlive the rows that maintain clears away', async () => {
    const made: Attempt[] = ['used', 'token_revoked', 'pending'].map((outcome, n) => ({
      ...{ hour: 5 * n, scope: 'a', user: n, outcome, repeats: 1 },
    }));
    await fill(made);
    await query(`UPDATE request_token_log SET started_at = now() - interval '4 days'`);
    const { logs } = await app.tokens.maintain({ keepLogs: '1h', releasePending: '1h' });
    expect(logs).toBe(3);
    expect(await statistics('scope')).toEqual(expected(settled(made), 'scope'));
  });

  it('of a time in which nothing was, but for deferred tokens, are summed up together, and once', async () => {
    await fill([0, 71].map((hour) => ({ hour, scope: 'a', user: hour, outcome: 'used', repeats: 1 })));
    await query(
      `INSERT INTO request_token_statistic (period, begins_at, scope, deferred)
       VALUES ('hour', $1, '', 2), ('hour', $1, 'a', 3)`,
      [new Date(begin + 30 * HOUR_MS)],
    );
    const statementsOf = async (work: () => Promise<unknown>) => {
      counter.queries = [];
      await work();
      return counter.queries.length;
    };
    // Some for each of two hours, and some for all others.
    expect(await statementsOf(() => app.tokens.maintain({}))).toBeLessThan(12);
    expect(await statementsOf(() => app.tokens.maintain({}))).toBeLessThan(4);
    expect(await statistics('scope')).toMatchObject([
      { key: '', issued: 2, used: 0 },
      { key: 'a', issued: 5, used: 2, users: 2 },
    ]);
  });

  it('are summed up once by processes that do it at the same time, one of which dies', async () => {
    const made: Attempt[] = Array.from({ length: 200 }, (_, n) => ({
      ...{ hour: n % 72, scope: 'abc'[n % 3], user: n % 7, outcome: 'used', repeats: 1 },
    }));
    await fill(made);
    const kill = async () => {
      for (let times = 0; times < 20; times++) {
        await query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%WITH attempt%'`,
        );
      }
    };
    const asked = Array.from({ length: 4 }, () => statistics('day').catch(() => undefined));
    await Promise.all([...asked, kill()]);
    expect(await statistics('day')).toEqual(expected(made, 'day'));
    expect(await statistics('hour')).toEqual(expected(made, 'hour'));
    const days = await app.dataSource.manager.countBy(RequestTokenStatistic, { period: 'day' });
    // Three of each scope, and three for tokens without one.
    expect(days).toBe(12);
  });

  it('have more users than can be told apart, within some 3 %', async () => {
    await query('TRUNCATE request_token, request_token_log, request_token_statistic');
    const tokenId = uuidAt(begin, 1);
    await query(
      `INSERT INTO request_token (id, scope, login_mode, issued_at) VALUES ($1, 'a', 'none', now())`,
      [tokenId],
    );
    await query(
      `INSERT INTO request_token_log (id, token_id, user_id, outcome, started_at)
       SELECT ($1 || lpad(to_hex(n), 12, '0'))::uuid, $2, n, 'used', now() FROM generate_series(1, 20_000) AS n`,
      [uuidAt(begin, 0).slice(0, 24), tokenId],
    );
    const [{ used, users }] = await statistics('scope');
    expect(used).toBe(20_000);
    expect(Math.abs(users - 20_000)).toBeLessThan(2_000);
  });
});
