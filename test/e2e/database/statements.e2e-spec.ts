import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, InternalServerErrorException } from '@nestjs/common';
import {
  createRequestTokenMigrations,
  type IssuedToken,
  type IssueOptions,
  requestTokenEntities,
  requestTokenMigrations,
  UseRequestToken,
} from 'nestjs-request-token';
import { DataSource } from 'typeorm';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { planOf, readsAll, rowsRead, type TableRead, tableReads } from '../../support/plan.js';
import { type RecordedStatement, StatementRecorder } from '../../support/statement-recorder.js';
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

const DAY_MS = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS);

/** A table of few pages is read as fast as its index. */
const FEW_PAGES = 16;

/** SQL: ids as the library makes them, of some moments in the last 60 days. */
const idsOf = (
  moment: string,
  n: string,
) => `(lpad(to_hex((extract(epoch FROM ${moment}) * 1000)::bigint), 12, '0')
  || '7000' || '8000' || lpad(to_hex(${n}), 12, '0'))::uuid`;

const FILL = [
  `INSERT INTO request_token
     (id, scope, target_path, user_id, login_mode, issued_at, not_before, expires_at, revoked_at, max_uses, use_count, data)
   SELECT ${idsOf('issued.at', 'n')}, 'scope ' || n % 5, NULL, 'user ' || n % 3000, 'request', issued.at, NULL,
     issued.at + interval '30 days', NULL, 3, n % 4, '{}'
   FROM generate_series(1, 30000) AS n CROSS JOIN LATERAL (SELECT now() - n * interval '3 minutes' AS at) AS issued`,
  `INSERT INTO request_token_log (id, token_id, user_id, client_ip, outcome, status_code, started_at)
   SELECT ${idsOf('used.at', `n + 100000 * (token.use_count + 1)`)}, token.id, token.user_id, ('10.0.0.' || n % 200)::inet,
     CASE n % 10 WHEN 0 THEN 'token_exhausted' WHEN 1 THEN 'released' ELSE 'used' END, 200, used.at
   FROM request_token AS token CROSS JOIN generate_series(1, 3) AS n
   CROSS JOIN LATERAL (SELECT token.issued_at + n * interval '1 minute' AS at) AS used`,
  `INSERT INTO request_token_revocation (id, token_id, user_id, scope, revoked_at, needed_until)
   SELECT gen_random_uuid(), CASE n % 3 WHEN 0 THEN gen_random_uuid() END, CASE n % 3 WHEN 1 THEN 'gone ' || n END,
     CASE n % 3 WHEN 2 THEN 'gone ' || n END, now(), CASE n % 3 WHEN 0 THEN now() + interval '1 day' END
   FROM generate_series(1, 20000) AS n`,
  'ANALYZE',
];

describe.each([
  ['a log in one table', requestTokenMigrations],
  ['a log in months', createRequestTokenMigrations({ partitionLog: 'month' })],
])('Every statement, on full tables with %s,', (_, migrations) => {
  const recorder = new StatementRecorder();
  let database: TestDatabase;
  let app: TestApp;
  /** So big that no statement may read all of them. */
  let bigTables: Set<string>;
  beforeAll(async () => {
    database = await createDatabase();
    const dataSource = new DataSource({
      type: 'postgres',
      url: database.url,
      entities: requestTokenEntities,
      migrations,
    });
    await dataSource.initialize();
    await dataSource.runMigrations();
    for (const sql of FILL) await dataSource.query(sql);
    await dataSource.destroy();
    app = await TestApp.start({
      databaseUrl: database.url,
      controllers: [RsvpController],
      dataSource: { synchronize: false, ...recorder.dataSource },
    });
    const big = await app.dataSource.query<{ name: string }[]>(
      `SELECT relname AS name FROM pg_class WHERE relname LIKE 'request_token%' AND relpages > $1`,
      [FEW_PAGES],
    );
    bigTables = new Set(big.map(({ name }) => name));
    // Sums up the past, once.
    await app.tokens.maintain({});
  }, 120_000);
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  const issue = (options: Partial<IssueOptions> = {}): Promise<IssuedToken> =>
    app.tokens.issue({ scope: 'rsvp', user: 'ann', maxUses: 2, ...options });
  const deferred = () => issue({ deferred: true, expiresIn: '1h' });
  const click = ({ jwt }: IssuedToken, path = '/rsvp') => app.http.get(path).query({ rt: jwt });
  const settled = () => app.tokens.settled();

  /** What is asked of one token. */
  async function useOne(issued: IssuedToken): Promise<void> {
    const { tokens, dataSource } = app;
    const { jwt } = issued;
    await tokens.inspect(jwt);
    await click(issued, '/broken');
    await settled();
    await click(issued);
    await settled();
    await dataSource.transaction((manager) => tokens.redeem(jwt, { scope: 'rsvp', manager }));
    for (let time = 0; time < 2; time++) {
      await click(issued);
      await settled();
    }
    await tokens.inspect(jwt);
    await tokens.revoke(jwt);
  }

  /** What is asked of many tokens at once, or about what there is. */
  async function useMany(): Promise<void> {
    const { tokens } = app;
    const made: IssuedToken[] = [];
    const items = Array.from({ length: 40 }, (_, n) => ({
      ...{ scope: 'rsvp', user: n, maxUses: 3 },
      ...(n % 2 === 0 && { deferred: true, expiresIn: 3_600 }),
    }));
    for await (const each of tokens.issueMany(items)) made.push(each);
    for (const path of ['/rsvp', '/broken', '/rsvp', '/rsvp', '/rsvp']) {
      // Twice each, so that uses of one token are taken together as well.
      await Promise.all([...made, ...made].map((each) => click(each, path)));
      await settled();
    }
    const [{ token }] = made;
    await tokens.revoke({ user: 3 });
    await tokens.revoke({ scope: 'nothing' });
    await tokens.revoke({ user: 5, scope: 'rsvp' });
    const { after } = await tokens.list({ limit: 10 });
    for (const filter of [
      { after },
      { scope: 'scope 1' },
      { user: 'user 7' },
      { user: 'user 7', scope: 'scope 2' },
      { issuedFrom: ago(3) },
      { issuedTo: ago(3) },
      ...(['usable', 'revoked', 'expired', 'not_yet_valid', 'exhausted'] as const).map((state) => ({
        state,
      })),
    ]) {
      await tokens.list(filter);
    }
    for (const filter of [
      {},
      { tokenId: token.id },
      { outcome: 'released' as const },
      { scope: 'scope 1' },
      { clientIp: '10.0.0.7' },
      { from: ago(3) },
      { to: ago(3) },
      { from: ago(20), to: ago(10), scope: 'scope 2', outcome: 'used' as const },
    ]) {
      await tokens.attempts(filter);
    }
    for (const by of ['day', 'hour', 'scope'] as const) {
      await tokens.statistics({ from: ago(30), to: new Date(), by });
      await tokens.statistics({ from: ago(30), to: new Date(), by, scope: 'scope 1' });
    }
    await tokens.releasePending({ olderThan: '1h' });
    await tokens.maintain({ keepLogs: '50d', keepTokens: '50d', releasePending: '1h' });
  }

  const distinct = (statements: RecordedStatement[]): RecordedStatement[] => [
    ...new Map(statements.map((statement) => [statement.text, statement])).values(),
  ];

  it('reads no table from end to end', async () => {
    expect(bigTables.size).toBeGreaterThanOrEqual(3);
    recorder.take();
    await useOne(await issue());
    await useOne(await deferred());
    await useMany();
    const statements = distinct(recorder.take());
    expect(statements.length).toBeGreaterThan(30);
    const whole: { table: string; node: string; text: string }[] = [];
    for (const statement of statements) {
      const reads = tableReads(await planOf(app.dataSource, statement));
      for (const read of reads.filter((one) => bigTables.has(one.table) && readsAll(one))) {
        whole.push({ table: read.table, node: read.node['Node Type'], text: statement.text });
      }
    }
    expect(whole).toEqual([]);
  }, 120_000);

  // So a database that keeps all rows of a token in one place, and asks other places for nothing, can answer it.
  it.each<[string, () => Promise<IssuedToken>]>([
    ['a stored token', () => issue()],
    ['a deferred token', deferred],
  ])(
    'touches rows of one token only, where it is about one: %s',
    async (_, make) => {
      const issued = await make();
      recorder.take();
      await useOne(issued);
      const statements = distinct(recorder.take());
      expect(statements.length).toBeGreaterThan(5);
      const attempts = (await app.logs(issued.token.id)).length;
      const foreign: { table: string; rows: number; text: string }[] = [];
      for (const statement of statements) {
        for (const read of await readsOf(statement)) {
          const most = read.table === 'request_token' ? 1 : attempts;
          if (rowsRead(read) > most)
            foreign.push({ table: read.table, rows: rowsRead(read), text: statement.text });
        }
      }
      expect(foreign).toEqual([]);
    },
    120_000,
  );

  it('looks for a log row only where its id says that it is', async () => {
    const issued = await issue();
    recorder.take();
    for (const path of ['/broken', '/rsvp', '/rsvp', '/rsvp']) {
      await click(issued, path);
      await settled();
    }
    const statements = distinct(recorder.take());
    expect(statements.length).toBeGreaterThan(3);
    for (const statement of statements) {
      const logs = (await readsOf(statement))
        .map(({ table }) => table)
        .filter((name) => name.includes('_log'));
      expect(new Set(logs).size).toBeLessThanOrEqual(1);
    }
  }, 60_000);

  const readsOf = async (statement: RecordedStatement): Promise<TableRead[]> =>
    tableReads(await planOf(app.dataSource, statement, { analyze: true })).filter(
      ({ node }) => node['Actual Loops'],
    );
});
