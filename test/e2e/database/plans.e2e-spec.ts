import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, InternalServerErrorException } from '@nestjs/common';
import { type IssuedToken, type IssueManyItem, UseRequestToken } from 'nestjs-request-token';
import { TestApp } from '../../support/test-app.js';

@Controller()
@UseRequestToken({ scope: 'rsvp' })
class RsvpController {
  @Get('rsvp')
  rsvp() {}

  @Get('broken')
  broken() {
    throw new InternalServerErrorException();
  }
}

/** Few connections, which keep whatever plans there are. */
const POOL_SIZE = 2;

/** After five times PostgreSQL may keep a plan. */
const OFTEN = 10;

/**
 * So few more that PostgreSQL would read the whole of the tables rather than an index, if it thinks that they are
 * small.
 */
const ISSUED = 30_000;

const TABLES = ['request_token', 'request_token_log', 'request_token_revocation'];

const times = <Result>(count: number, make: (n: number) => Result): Result[] =>
  Array.from({ length: count }, (_, n) => make(n));

describe('No table is read from end to end, whenever it was analyzed,', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await TestApp.start({ controllers: [RsvpController], dataSource: { poolSize: POOL_SIZE } });
    for (const table of TABLES) {
      await app.dataSource.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`);
    }
  });
  afterEach(() => app.close());

  async function issueMany(count: number, options: Partial<IssueManyItem> = {}): Promise<IssuedToken[]> {
    const issued: IssuedToken[] = [];
    const items = times(count, () => ({ scope: 'rsvp', maxUses: 3, ...options }));
    for await (const each of app.tokens.issueMany(items, { batchSize: 5_000 })) issued.push(each);
    return issued;
  }

  const click = async (path: string, { jwt }: IssuedToken) => {
    await app.http.get(path).query({ rt: jwt });
  };

  /**
   * In every way there is: alone and in groups, of one token and of many, kept and given back, refused, explained.
   */
  async function useAll(some: IssuedToken[]): Promise<void> {
    for (const issued of some.slice(0, OFTEN)) {
      await click('/rsvp', issued);
      await app.kit.settled();
      await click('/broken', issued);
      await app.kit.settled();
    }
    for (let round = 0; round < OFTEN; round++) {
      await Promise.all(some.slice(20, 40).map((issued) => click('/rsvp', issued)));
      await app.kit.settled();
    }
    await Promise.all(times(20, () => click('/broken', some[50])));
    await app.kit.settled();
    for (const issued of some.slice(0, OFTEN)) await app.tokens.inspect(issued.jwt);
  }

  async function rowsReadInSequence(): Promise<Record<string, number>> {
    // Each connection counts by itself, and tells when it is told to.
    const runners = times(POOL_SIZE, () => app.dataSource.createQueryRunner());
    await Promise.all(runners.map((runner) => runner.query('SELECT pg_stat_force_next_flush()')));
    await Promise.all(runners.map((runner) => runner.release()));
    const rows = await app.dataSource.query<{ relname: string; count: number }[]>(
      `SELECT relname, seq_tup_read::int AS count FROM pg_stat_user_tables WHERE relname LIKE 'request_token%'`,
    );
    return Object.fromEntries(rows.map(({ relname, count }) => [relname, count]));
  }

  it.each<[string, () => Promise<unknown>]>([
    ['never', () => Promise.resolve()],
    ['when it was empty', () => app.dataSource.query('ANALYZE request_token; ANALYZE request_token_log')],
    [
      'after a pilot of few links, which made the plans',
      async () => {
        await useAll(await issueMany(60));
        await app.dataSource.query('ANALYZE request_token; ANALYZE request_token_log');
        await useAll(await issueMany(60));
      },
    ],
    [
      'before it was emptied, and filled again',
      async () => {
        await useAll(await issueMany(ISSUED));
        await app.dataSource.query('TRUNCATE request_token CASCADE');
        await useAll(await issueMany(60));
      },
    ],
  ])('%s', async (_, prepare) => {
    await prepare();
    const issued = await issueMany(ISSUED);
    const deferred = await issueMany(60, { deferred: true, expiresIn: '1h', user: 7 });
    // The log as it is after that many.
    await app.dataSource.query(
      `INSERT INTO request_token_log (id, token_id, outcome, started_at)
       SELECT gen_random_uuid(), id, 'used', now() FROM request_token`,
    );
    for (const about of ['token_id', 'user_id', 'scope']) {
      const value = about === 'token_id' ? 'gen_random_uuid()' : `'other ' || n`;
      await app.dataSource.query(
        `INSERT INTO request_token_revocation (id, ${about}, revoked_at)
         SELECT gen_random_uuid(), ${value}, now() FROM generate_series(1, 10000) AS n`,
      );
    }
    // Of which the library does not know.
    await app.tokens.inspect(issued[0].jwt);
    const before = await rowsReadInSequence();
    await useAll(issued);
    await useAll(deferred);
    for (const { token } of deferred.slice(0, OFTEN)) await app.tokens.revoke(token.id);
    const after = await rowsReadInSequence();
    expect(after).toEqual(before);
  });

  it('by deferred tokens, whose plans were made while little was revoked, once much is', async () => {
    const revokeOthers = (count: number) =>
      app.dataSource.query(
        `INSERT INTO request_token_revocation (id, user_id, revoked_at)
         SELECT gen_random_uuid(), 'other ' || n, now() FROM generate_series(1, $1::int) AS n`,
        [count],
      );
    await issueMany(ISSUED);
    await app.dataSource.query(
      `INSERT INTO request_token_log (id, token_id, outcome, started_at)
       SELECT gen_random_uuid(), id, 'used', now() FROM request_token`,
    );
    await revokeOthers(5);
    await app.dataSource.query('ANALYZE request_token_revocation');
    const deferred = await issueMany(80, { deferred: true, expiresIn: '1h', user: 7 });
    await useAll(deferred.slice(0, 60));
    await revokeOthers(20_000);
    // Of which each connection's next statement tells.
    const some = deferred.slice(60);
    for (let round = 0; round < 3; round++) {
      await Promise.all(some.map((issued) => click('/broken', issued)));
      await app.kit.settled();
    }
    const before = await rowsReadInSequence();
    for (let round = 0; round < 2 * OFTEN; round++) {
      await Promise.all(some.map((issued) => click('/broken', issued)));
      await app.kit.settled();
    }
    expect(await rowsReadInSequence()).toEqual(before);
    await app.tokens.revoke({ user: 7 });
    for (const { jwt } of some) await app.http.get('/rsvp').query({ rt: jwt }).expect(403);
  });

  it('by whoever lists, or clears away, once it was analyzed', async () => {
    const issued = await issueMany(ISSUED, { user: 7 });
    await app.dataSource.query(
      `INSERT INTO request_token_log (id, token_id, outcome, started_at)
       SELECT id, id, 'used', now() FROM request_token`,
    );
    // Half of it is years old, and as long ago its tokens have ended.
    await app.dataSource.query(
      `UPDATE request_token_log SET started_at = now() - interval '2 years' WHERE id::text < '8'`,
    );
    await app.dataSource.query('ANALYZE request_token; ANALYZE request_token_log');
    const [{ token }] = issued;
    const from = new Date(Date.now() - 3_600_000);
    const before = await rowsReadInSequence();
    const { tokens } = app;
    const { after } = await tokens.list({ limit: 100 });
    await tokens.list({ after });
    for (const filter of [
      { scope: 'rsvp' },
      { scope: 'nothing' },
      { user: 7 },
      { user: 8, scope: 'rsvp' },
      { issuedFrom: from },
      { issuedTo: from },
    ]) {
      await tokens.list(filter);
    }
    for (const filter of [{}, { tokenId: token.id }, { from }, { to: from }]) await tokens.attempts(filter);
    expect(await rowsReadInSequence()).toEqual(before);
    // By batches of their ids, whatever they find.
    await tokens.maintain({ keepLogs: '1y', keepTokens: '1y', releasePending: '1h', batchSize: 500 });
    await tokens.releasePending({ olderThan: '1h' });
    expect(await rowsReadInSequence()).toEqual(before);
  });
});
