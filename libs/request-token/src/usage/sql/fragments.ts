import { asText } from '../../database/column-types.js';
import type { Columns } from '../../database/json-rows.js';
import type { Lock } from '../../database/lock-lanes.js';
import { lockedRows } from '../../database/statement.js';
import { TableSize } from '../../database/table-size.js';
import type { ColumnOf } from '../../entities/entity-rows.js';
import type { RequestToken } from '../../entities/request-token.entity.js';
import type { RequestTokenLog } from '../../entities/request-token-log.entity.js';
import type { UsageTables } from './tables.js';

/** Locks tokens in the order of their ids, which never change, as `id` and `uses`. */
export function lockTokens(
  { token: { table, quoted: t } }: UsageTables,
  ids: string,
  lock: Lock,
  { condition = 'true', strength }: { condition?: string; strength?: string } = {},
): string {
  return `
      SELECT ${t('id')} AS id, ${t('useCount')} AS uses FROM ${table}
      WHERE ${t('id')} = ${ids} AND ${condition}
      ORDER BY ${t('id')} ${lockedRows(lock, strength)}`;
}

/** Locks log rows, as `id`. */
export const lockLogs = (
  { log: { table, quoted: l } }: UsageTables,
  condition: string,
  lock: Lock = 'wait',
): string => `
      SELECT ${l('id')} AS id FROM ${table} WHERE ${condition} ORDER BY ${l('id')} ${lockedRows(lock)}`;

/**
 * CTEs: `held`, the log rows that nobody else has locked, and `busy`, the tokens of the others. Whoever waits has
 * waited for them before, and locks them after their tokens, as a deletion that cascades does.
 *
 * @param ids SQL: of these log rows; as a parameter, so that the planner leaves out all months but theirs
 */
export function holdLogs(tables: UsageTables, ids: string, lock: Lock): string {
  const { table, quoted: l } = tables.log;
  const isMeant = `${l('id')} = ANY (${ids})`;
  return `
      held AS MATERIALIZED (
        ${lock === 'skip' ? lockLogs(tables, isMeant, 'skip') : `SELECT unnest(${ids}) AS id`}
      ), busy AS MATERIALIZED (
        SELECT ${l('tokenId')} AS "tokenId" FROM ${table}
        WHERE ${lock === 'skip' ? `${isMeant} AND ${l('id')} NOT IN (SELECT id FROM held)` : 'false'}
      )`;
}

/** Selects `tokenId` of what is about tokens that are not `locked`. */
export const leftOut = (source: string): string =>
  `SELECT ${asText('"tokenId"')} AS "tokenId" FROM ${source} WHERE "tokenId" NOT IN (SELECT id FROM locked)`;

/** Writes log rows, as `log`, from what is called `entry` in the source. */
export function insertLogs(
  { log: { table, quoted: l } }: UsageTables,
  columns: Columns<ColumnOf<RequestTokenLog>>,
  source: string,
  outcome = 'entry."outcome"',
): string {
  const names = columns.map(([name]) => name);
  return `
      INSERT INTO ${table} AS log (${names.map(l).join(', ')})
      SELECT ${names.map((name) => (name === 'outcome' ? outcome : `entry."${name}"`)).join(', ')} FROM ${source}`;
}

/**
 * A condition: `token` can be used at the moments `$1` (latest) and `$2` (earliest). `rowProblem` asks the same.
 *
 * @param column SQL: a column of the token
 */
export const isUsable = (column: (property: ColumnOf<RequestToken>) => string): string => `
      ${column('revokedAt')} IS NULL
        AND (${column('notBefore')} IS NULL OR ${column('notBefore')} <= $1)
        AND (${column('expiresAt')} IS NULL OR ${column('expiresAt')} > $2)
        AND (${column('maxUses')} IS NULL OR ${column('useCount')} < ${column('maxUses')})`;

/** Takes one use of each of these tokens. */
export const takeOneOf = (tables: UsageTables, ids: string, lock: Lock): string => {
  const { table, quoted: t } = tables.token;
  return `
      UPDATE ${table} AS token SET ${t('useCount')} = token.${t('useCount')} + 1
      FROM (${lockTokens(tables, ids, lock, { condition: isUsable(tables.token.quoted) })}) AS usable
      WHERE token.${t('id')} = usable.id
      RETURNING ${tables.token.selection('token')}`;
};

/**
 * Columns of a CTE, to look each of its rows up in a table. The planner takes arrays that it cannot see for short ones,
 * and uses the index of the table. Of the CTE itself it would compare each row with each of the table's, or read the
 * whole table. The CTE is executed once, so that all arrays are in its order.
 */
export const lookUps = (source: string, columns: readonly string[], alias: string): string => {
  const names = columns.map((column) => `"${column}"`);
  const arrays = names.map((name) => `ARRAY(SELECT ${name} FROM ${source})`);
  return `unnest(${arrays.join(', ')}) AS ${alias} (${names.join(', ')})`;
};

/** Gives back as many uses of each `tokenId` of the source as its `uses`. */
export const giveBack = ({ token: { table, quoted: t } }: UsageTables, source: string): string => `
      UPDATE ${table} AS token
      SET ${t('useCount')} = GREATEST(token.${t('useCount')} - given.uses, 0)
      FROM ${lookUps(source, ['tokenId', 'uses'], 'given')}
      WHERE token.${t('id')} = given."tokenId"`;

/** Selects all of the source, or one row, with the `bytes` of the table of tokens. */
export const withSize = ({ token }: UsageTables, source: string): string =>
  `SELECT * FROM (${TableSize.sqlOf(token.table)}) AS size LEFT JOIN ${source} ON true`;

/** As {@link withSize}, and with the `revocationBytes` of the table of revocations. */
export const withSizes = ({ token, revocation }: UsageTables, source: string): string => `
      SELECT tokens.bytes, revocations.bytes AS "revocationBytes", ${source}.*
      FROM (${TableSize.sqlOf(token.table)}) AS tokens
        CROSS JOIN (${TableSize.sqlOf(revocation.table)}) AS revocations LEFT JOIN ${source} ON true`;

/** First key of the advisory locks on tokens that have no row to be locked; the second is made of the id. */
const LOCK_SPACE = 1_920_233_061;

/**
 * A condition that is true for tokens that nobody is writing the first time, and locks them until the end of the
 * transaction: the row of one that is being written cannot be seen, and whoever inserts it has to wait.
 */
export const lockUnwritten = (id: string, lock: Lock): string => {
  const keys = `${LOCK_SPACE}, hashtext(${asText(id)})`;
  return lock === 'skip'
    ? `pg_try_advisory_xact_lock(${keys})`
    : `pg_advisory_xact_lock(${keys}) IS NOT NULL`;
};

/**
 * When a deferred token of the source was revoked by what was said of tokens that may have no row; null if it was not.
 * The row of one says so, too, but for a revocation that came while it was being written.
 *
 * Each is a look-up by an index, whatever the planner knows of the table.
 */
export function stoppedAt({ revocation: { table, quoted: r } }: UsageTables, source: string): string {
  const column = (property: 'tokenId' | 'userId' | 'scope' | 'revokedAt') => `revocation.${r(property)}`;
  const first = (condition: string) =>
    `(SELECT ${column('revokedAt')} FROM ${table} AS revocation WHERE ${condition} LIMIT 1)`;
  const isLater = `${column('revokedAt')} >= ${source}."issuedAt"`;
  const isOfScope = `${column('scope')} = ${source}."scope"`;
  return `COALESCE(
        ${first(`${column('tokenId')} = ${source}."id"`)},
        ${first(`${column('userId')} = ${source}."userId" AND (${column('scope')} IS NULL OR ${isOfScope}) AND ${isLater}`)},
        ${first(`${column('userId')} IS NULL AND ${isOfScope} AND ${isLater}`)}
      )`;
}
