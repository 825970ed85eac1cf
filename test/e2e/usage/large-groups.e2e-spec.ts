import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../../libs/request-token/src/common/uuid.js';
import type { StatementCall } from '../../../libs/request-token/src/database/statement.js';
import { KnownEntities } from '../../../libs/request-token/src/entities/known-entities.js';
import { entryOutsideHttp, type LogEntry } from '../../../libs/request-token/src/usage/log-entry.js';
import { UsageTables } from '../../../libs/request-token/src/usage/sql/tables.js';
import { type UsageSql, usageSql } from '../../../libs/request-token/src/usage/sql/usage-sql.js';
import { TestApp } from '../../support/test-app.js';

const LOGGED = 5_000;
const GROUP = 200;

const NOW = new Date();
const MOMENT = { earliest: NOW, latest: NOW };

/** Uses of as many tokens, as the log has them, or does not know them. */
interface Group {
  logged: LogEntry[];
  unlogged: LogEntry[];
}

const STATEMENTS: [string, (sql: UsageSql, group: Group) => StatementCall<unknown>][] = [
  ['settled, kept and given back', (sql, { logged }) => sql.settle('skip', logged.map(settlement))],
  ['settled behind locks', (sql, { logged }) => sql.settle('wait', logged.map(settlement))],
  ['settled, all kept', (sql, { logged }) => sql.settleUsed(logged.map(settlement))],
  ['withdrawn', (sql, { logged }) => sql.withdraw('skip', logged)],
  ['withdrawn before they are there', (sql, { unlogged }) => sql.withdraw('skip', unlogged)],
  ['released', (sql, { logged }) => sql.releasePending('skip', logged.map(tokenIdOf), NOW)],
  ['taken', (sql, { unlogged }) => sql.takeOneUseOfEach('skip', MOMENT, unlogged.map(tokenIdOf), unlogged)],
  [
    'taken, some of them not logged',
    (sql, { unlogged }) =>
      sql.takeUses(
        'skip',
        MOMENT,
        unlogged.map(({ tokenId }) => ({ tokenId, wanted: 2 })),
        unlogged.map((entry) => ({ ...entry, nth: 1 })),
      ),
  ],
  ['refused', (sql, { unlogged }) => sql.logRefusals('skip', unlogged.map(refusal))],
];

const tokenIdOf = ({ tokenId }: LogEntry) => tokenId;

const settlement = ({ id, tokenId }: LogEntry, n: number) => ({
  ...{ tokenId, logId: id, statusCode: n % 2 ? 200 : 500, durationMs: 1 },
  outcome: n % 2 ? ('used' as const) : ('released' as const),
});

const refusal = (entry: LogEntry) => ({
  ...entry,
  ...{ outcome: 'token_expired' as const, statusCode: 403, durationMs: 1, repeats: 1 },
});

describe('In a large group no use is compared with each of the others, when uses are', () => {
  let app: TestApp;
  let sql: UsageSql;
  let group: Group;
  beforeAll(async () => {
    app = await TestApp.start({});
    sql = usageSql(new UsageTables(new KnownEntities(app.dataSource)));
    await app.dataSource.query(
      `ALTER TABLE request_token SET (autovacuum_enabled = off);
       ALTER TABLE request_token_log SET (autovacuum_enabled = off);
       INSERT INTO request_token (id, scope, login_mode, issued_at, use_count, max_uses)
       SELECT gen_random_uuid(), 'rsvp', 'none', now(), 1, 3 FROM generate_series(1, ${LOGGED});
       INSERT INTO request_token_log (id, token_id, outcome, started_at)
       SELECT gen_random_uuid(), id, 'pending', now() - interval '1 hour' FROM request_token`,
    );
    const rows = await app.dataSource.query<Pick<LogEntry, 'id' | 'tokenId'>[]>(
      `SELECT id, token_id AS "tokenId" FROM request_token_log LIMIT ${GROUP}`,
    );
    const logged = rows.map(({ id, tokenId }) => {
      const facts = { tokenId, outcome: 'pending' as const, userId: null, startedAt: NOW };
      return { ...entryOutsideHttp(facts), id };
    });
    group = { logged, unlogged: logged.map((entry) => ({ ...entry, id: newId() })) };
  });
  afterAll(() => app.close());

  async function planOf({ statement, values }: StatementCall<unknown>): Promise<string> {
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    const rows = (await runner.query(`EXPLAIN ANALYZE ${statement.text}`, values)) as Record<
      string,
      string
    >[];
    await runner.rollbackTransaction();
    await runner.release();
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  }

  const comparedInVain = (plan: string): number =>
    Array.from(plan.matchAll(/Rows Removed by Join Filter: (\d+)/g), ([, count]) => Number(count)).reduce(
      (sum, count) => sum + count,
      0,
    );

  describe.each(['never', 'just now'])('(analyzed %s)', (when) => {
    beforeAll(async () => {
      if (when === 'just now') await app.dataSource.query('ANALYZE request_token; ANALYZE request_token_log');
    });

    it.each(STATEMENTS)('%s', async (_, call) => {
      expect(comparedInVain(await planOf(call(sql, group)))).toBeLessThanOrEqual(GROUP);
    });
  });
});
