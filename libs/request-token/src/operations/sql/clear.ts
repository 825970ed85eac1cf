import { asText } from '../../database/column-types.js';
import { plannedEachTime, type StatementCall } from '../../database/statement.js';
import { toTimestamp } from '../../database/timestamp.js';
import type { EntityNames } from '../../entities/entity-names.js';
import type { RequestToken } from '../../entities/request-token.entity.js';
import type { RequestTokenLog } from '../../entities/request-token-log.entity.js';
import type { RequestTokenRevocation } from '../../entities/request-token-revocation.entity.js';

export interface ClearTables {
  token: EntityNames<RequestToken>;
  log: EntityNames<RequestTokenLog>;
  revocation: EntityNames<RequestTokenRevocation>;
}

/**
 * How far a batch has read, and how many rows it has deleted. The id is null at the end, where it has found less than
 * it could have read: what is being written meanwhile is not waited for.
 */
export interface Cleared {
  last: string | null;
  deleted: string;
}

/** Key of the advisory lock that lets one process delete at a time. */
const LOCK = 1_920_233_062;

/**
 * SQL: reads some rows in the order of their ids, and deletes those of them, as `old`, that are due and that nobody has
 * locked. Whether they are due is asked of the rows as they are when they are locked: somebody may have prolonged one.
 * `$1` is the id after which it begins, and `$2` how many it reads. Whoever else deletes is waited for: that are
 * milliseconds.
 */
const deleteSome = (table: string, id: string, isDue: string): string => `
      WITH alone AS MATERIALIZED (
        SELECT pg_advisory_xact_lock(${LOCK})
      ), read AS MATERIALIZED (
        SELECT given.id FROM alone, LATERAL (
          SELECT ${id} AS id FROM ${table} WHERE ${id} > $1::uuid ORDER BY ${id} LIMIT $2::bigint
        ) AS given
      ), due AS MATERIALIZED (
        SELECT old.${id} AS id FROM ${table} AS old
        WHERE old.${id} = ANY (ARRAY(SELECT id FROM read)) AND (${isDue})
        ORDER BY old.${id} FOR UPDATE SKIP LOCKED
      ), deleted AS (
        DELETE FROM ${table} WHERE ${id} = ANY (ARRAY(SELECT id FROM due)) RETURNING 1
      )
      SELECT (SELECT ${asText('read.id')} FROM read ORDER BY read.id OFFSET $2::bigint - 1) AS "last",
        (SELECT count(*)::text FROM deleted) AS "deleted"`;

/** Deletes log rows of attempts before a moment; but what is pending, without which its use could not be given back. */
export function clearLogs({ log: { table, quoted } }: ClearTables) {
  const statement = plannedEachTime(
    deleteSome(
      table,
      quoted('id'),
      `old.${quoted('startedAt')} < $3::timestamptz AND old.${quoted('outcome')} <> 'pending'`,
    ),
  );
  return (after: string, most: number, startedBefore: Date): StatementCall<Cleared> => ({
    statement,
    values: [after, most, toTimestamp(startedBefore)],
  });
}

/**
 * Deletes tokens that have ended before a moment, and their log. A token whose last use was taken has ended with the
 * last attempt that is logged; if none is, when it expires. What has a use that is pending stays. Both are looked up for each
 * token: of a condition EXISTS the planner would make a join that may read the whole log.
 */
export function clearTokens({ token: { table, quoted: t }, log }: ClearTables) {
  const { quoted: l } = log;
  const column = (property: Parameters<typeof t>[0]) => `old.${t(property)}`;
  const attempts = `FROM ${log.table} AS log WHERE log.${l('tokenId')} = ${column('id')}`;
  const lastAttempt = `(SELECT log.${l('startedAt')} ${attempts} ORDER BY log.${l('id')} DESC LIMIT 1)`;
  const statement = plannedEachTime(
    deleteSome(
      table,
      t('id'),
      `
          (${column('expiresAt')} < $3::timestamptz OR ${column('revokedAt')} < $3::timestamptz
            OR (${column('useCount')} >= ${column('maxUses')} AND ${lastAttempt} < $3::timestamptz))
          AND (${column('deferredUntil')} IS NULL OR ${column('deferredUntil')} < $4::timestamptz)
          AND (SELECT true ${attempts} AND log.${l('outcome')} = 'pending' LIMIT 1) IS NULL`,
    ),
  );
  return (after: string, most: number, endedBefore: Date, expiredBefore: Date): StatementCall<Cleared> => ({
    statement,
    values: [after, most, toTimestamp(endedBefore), toTimestamp(expiredBefore)],
  });
}

/** Deletes what was revoked of tokens whose JWT has expired before a moment. */
export function clearRevocations({ revocation: { table, quoted } }: ClearTables) {
  const statement = plannedEachTime(
    deleteSome(table, quoted('id'), `old.${quoted('neededUntil')} < $3::timestamptz`),
  );
  return (after: string, most: number, expiredBefore: Date): StatementCall<Cleared> => ({
    statement,
    values: [after, most, toTimestamp(expiredBefore)],
  });
}
