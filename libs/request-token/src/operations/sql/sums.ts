import { columnType } from '../../database/column-types.js';
import { rows, toJson } from '../../database/json-rows.js';
import { plannedEachTime, type StatementCall } from '../../database/statement.js';
import { toTimestamp } from '../../database/timestamp.js';
import { leastIdAt } from '../../common/uuid.js';
import type { EntityRows, TextRow } from '../../entities/entity-rows.js';
import type { RequestToken } from '../../entities/request-token.entity.js';
import type { RequestTokenLog } from '../../entities/request-token-log.entity.js';
import type { RequestTokenStatistic } from '../../entities/request-token-statistic.entity.js';
import { MOST_HASHES } from '../figures.js';

export interface SumTables {
  token: EntityRows<RequestToken>;
  log: EntityRows<RequestTokenLog>;
  statistic: EntityRows<RequestTokenStatistic>;
}

type StatisticRow = TextRow<RequestTokenStatistic>;

/** SQL: whole numbers that a double holds exactly, and that are the same on every server of a version. */
const hashOf = (text: string): string => `hashtextextended(${text}, 0) & 9007199254740991`;

const SUMMED = ['stored', 'used', 'released', 'pending', 'refused', 'users'] as const;

/**
 * SQL: the sums of each scope of an hour, whose ids are from `$1` to before `$2`. One row at least, of the empty scope.
 * The log and the tokens are read by their ids, and the token of an attempt is looked up, whatever the planner knows.
 */
const sumsOf = ({ token, log }: SumTables): string => `
      WITH attempt AS MATERIALIZED (
        SELECT
          COALESCE((SELECT token.${token.quoted('scope')}::text FROM ${token.table} AS token
            WHERE token.${token.quoted('id')} = log.${log.quoted('tokenId')}), '') AS scope,
          log.${log.quoted('outcome')}::text AS outcome,
          log.${log.quoted('repeats')} AS repeats,
          log.${log.quoted('userId')} AS user_id
        FROM ${log.table} AS log
        WHERE log.${log.quoted('id')} >= $1::uuid AND log.${log.quoted('id')} < $2::uuid
      ), told AS (
        SELECT scope, outcome, sum(repeats) AS count FROM attempt GROUP BY scope, outcome
      ), hash AS (
        SELECT DISTINCT scope, ${hashOf('user_id')} AS hash FROM attempt
        WHERE outcome = 'used' AND user_id IS NOT NULL
      ), least AS (
        SELECT scope, hash FROM (
          SELECT scope, hash, row_number() OVER (PARTITION BY scope ORDER BY hash) AS nth FROM hash
        ) AS numbered WHERE nth <= ${MOST_HASHES}
      ), issued AS (
        SELECT COALESCE(token.${token.quoted('scope')}::text, '') AS scope, count(*) AS count
        FROM ${token.table} AS token
        WHERE token.${token.quoted('id')} >= $1::uuid AND token.${token.quoted('id')} < $2::uuid
          AND token.${token.quoted('deferredUntil')} IS NULL
        GROUP BY 1
      ), known AS (
        SELECT '' AS scope UNION SELECT scope FROM told UNION SELECT scope FROM issued
      )
      SELECT known.scope,
        COALESCE((SELECT count FROM issued WHERE issued.scope = known.scope), 0) AS "stored",
        ${count("= 'used'")} AS "used",
        ${count("= 'released'")} AS "released",
        ${count("= 'pending'")} AS "pending",
        COALESCE((SELECT jsonb_object_agg(outcome, count) FROM told
          WHERE told.scope = known.scope AND outcome NOT IN ('pending', 'used', 'released')), '{}') AS "refused",
        COALESCE((SELECT jsonb_agg(hash ORDER BY hash) FROM least WHERE least.scope = known.scope), '[]') AS "users"
      FROM known`;

const count = (outcome: string): string =>
  `COALESCE((SELECT count FROM told WHERE told.scope = known.scope AND outcome ${outcome}), 0)`;

/** Sums up an hour that is over, and keeps it, unless that was done before and nothing was pending. */
export function keepSums(tables: SumTables) {
  const { table, quoted } = tables.statistic;
  const statement = plannedEachTime(`
      INSERT INTO ${table} AS statistic
        (${(['period', 'beginsAt', 'summedAt', 'scope', ...SUMMED] as const).map(quoted).join(', ')})
      SELECT 'hour', $3::timestamptz, $4::timestamptz, sums.* FROM (${sumsOf(tables)}) AS sums
      ON CONFLICT (${(['period', 'beginsAt', 'scope'] as const).map(quoted).join(', ')}) DO UPDATE
      SET ${(['summedAt', ...SUMMED] as const).map((name) => `${quoted(name)} = excluded.${quoted(name)}`).join(', ')}
      WHERE statistic.${quoted('summedAt')} IS NULL OR statistic.${quoted('pending')} > 0`);
  return (hour: Date, end: Date, now: Date): StatementCall<never> => ({
    statement,
    values: [leastIdAt(hour), leastIdAt(end), toTimestamp(hour), toTimestamp(now)],
  });
}

/** Keeps hours as summed up in which there was nothing, but for deferred tokens, which are counted there already. */
export function keepEmptyHours({ statistic: { table, quoted } }: SumTables) {
  const statement = plannedEachTime(`
      INSERT INTO ${table} AS statistic
        (${(['period', 'beginsAt', 'summedAt', 'scope'] as const).map(quoted).join(', ')})
      SELECT 'hour', "beginsAt", $2::timestamptz, '' FROM ${rows([['beginsAt', 'timestamptz']], 1)}
      ON CONFLICT (${(['period', 'beginsAt', 'scope'] as const).map(quoted).join(', ')}) DO UPDATE
      SET ${quoted('summedAt')} = excluded.${quoted('summedAt')} WHERE statistic.${quoted('summedAt')} IS NULL`);
  return (hours: Date[], now: Date): StatementCall<never> => ({
    statement,
    values: [toJson(hours.map((hour) => ({ beginsAt: toTimestamp(hour) }))), toTimestamp(now)],
  });
}

type SumRow = Record<'scope' | (typeof SUMMED)[number], string>;

/** Sums up what is between two moments, and keeps nothing. */
export function readSums(tables: SumTables) {
  const statement = plannedEachTime(`
      SELECT sums.scope, ${SUMMED.map((name) => `sums."${name}"::text AS "${name}"`).join(', ')}
      FROM (${sumsOf(tables)}) AS sums`);
  return (from: Date, to: Date): StatementCall<SumRow> => ({
    statement,
    values: [leastIdAt(from), leastIdAt(to)],
  });
}

/** Returns what is kept of the periods that begin from the first moment on, and before the second. */
export function findSums({ statistic }: SumTables) {
  const { table, quoted } = statistic;
  const statement = plannedEachTime(`
      SELECT ${statistic.selection('statistic')} FROM ${table} AS statistic
      WHERE ${quoted('period')} = $1 AND ${quoted('beginsAt')} >= $2 AND ${quoted('beginsAt')} < $3`);
  return (period: 'hour' | 'day', from: Date, to: Date): StatementCall<StatisticRow> => ({
    statement,
    values: [period, toTimestamp(from), toTimestamp(to)],
  });
}

/** Returns the hours that are summed up, and whether uses of theirs were pending. */
export function findHours({ statistic: { table, quoted } }: SumTables) {
  const hour = columnType('timestamptz').select(quoted('beginsAt'));
  const statement = plannedEachTime(`
      SELECT ${hour} AS "hour", bool_or(${quoted('pending')} > 0)::text AS "isPending" FROM ${table}
      WHERE ${quoted('period')} = 'hour' AND ${quoted('beginsAt')} >= $1 AND ${quoted('beginsAt')} < $2
        AND ${quoted('summedAt')} IS NOT NULL
      GROUP BY ${quoted('beginsAt')}`);
  return (from: Date, to: Date): StatementCall<{ hour: string; isPending: string }> => ({
    statement,
    values: [toTimestamp(from), toTimestamp(to)],
  });
}

/** Keeps sums, where there are none. */
export function insertSums({ statistic }: SumTables) {
  const { table, columns, quoted } = statistic;
  const names = columns.map(([name]) => name);
  const statement = plannedEachTime(`
      INSERT INTO ${table} (${names.map(quoted).join(', ')})
      SELECT ${names.map((name) => `"${name}"`).join(', ')} FROM ${rows(columns, 1)} ON CONFLICT DO NOTHING`);
  return (sums: RequestTokenStatistic[]): StatementCall<never> => ({
    statement,
    values: [toJson(sums.map((each) => statistic.write(each)))],
  });
}

/** Adds deferred tokens to hours. */
export function countDeferred({ statistic: { table, quoted } }: SumTables) {
  const columns = [
    ['beginsAt', 'timestamptz'],
    ['scope', 'text'],
    ['deferred', 'int'],
  ] as const;
  const statement = plannedEachTime(`
      INSERT INTO ${table} AS statistic (${quoted('period')}, ${columns.map(([name]) => quoted(name)).join(', ')})
      SELECT 'hour', "beginsAt", "scope", "deferred" FROM ${rows(columns, 1)} ORDER BY "beginsAt", "scope"
      ON CONFLICT (${quoted('period')}, ${quoted('beginsAt')}, ${quoted('scope')}) DO UPDATE
      SET ${quoted('deferred')} = statistic.${quoted('deferred')} + excluded.${quoted('deferred')}`);
  return (counts: { beginsAt: Date; scope: string; deferred: number }[]): StatementCall<never> => ({
    statement,
    values: [toJson(counts.map((each) => ({ ...each, beginsAt: toTimestamp(each.beginsAt) })))],
  });
}

/** What was pending before a moment will never be settled: its log rows are about to go. */
export function endPending({ statistic: { table, quoted } }: SumTables) {
  const statement = plannedEachTime(`
      UPDATE ${table} SET ${quoted('pending')} = 0
      WHERE ${quoted('period')} = 'hour' AND ${quoted('beginsAt')} < $1 AND ${quoted('pending')} > 0`);
  return (before: Date): StatementCall<never> => ({ statement, values: [toTimestamp(before)] });
}

/** Returns the least id of each table from this one on. */
export function findFirst({ token, log }: SumTables) {
  // By the column of the table: a name alone would be the text that is selected, of which there is no index.
  const first = (name: string, { table, quoted }: { table: string; quoted: (property: 'id') => string }) => `
      (SELECT each.${quoted('id')}::text FROM ${table} AS each WHERE each.${quoted('id')} >= $1::uuid
        ORDER BY each.${quoted('id')} LIMIT 1) AS "${name}"`;
  const statement = plannedEachTime(`SELECT ${first('token', token)}, ${first('log', log)}`);
  return (from: Date): StatementCall<{ token: string | null; log: string | null }> => ({
    statement,
    values: [leastIdAt(from)],
  });
}
