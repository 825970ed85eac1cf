import { asText } from '../../database/column-types.js';
import type { Lock } from '../../database/lock-lanes.js';
import { lockedRows, plannedEachTime, type StatementCall } from '../../database/statement.js';
import { toTimestamp } from '../../database/timestamp.js';
import type { EntityNames } from '../../entities/entity-names.js';
import type { RequestToken } from '../../entities/request-token.entity.js';

/**
 * Revokes tokens. Returns how many as `revoked`, in each row, and as `id` which others were locked; or were revoked by
 * somebody else meanwhile.
 */
export function revoke(
  { table, quoted }: EntityNames<RequestToken>,
  ids: string[],
  now: Date,
  lock: Lock,
): StatementCall<{ revoked: string; id: string | null }> {
  const isMeant = `${quoted('id')} = ANY ($1::uuid[]) AND ${quoted('revokedAt')} IS NULL`;
  const statement = plannedEachTime(`
      WITH locked AS MATERIALIZED (
        SELECT ${quoted('id')} AS id FROM ${table} WHERE ${isMeant}
        ORDER BY ${quoted('id')} ${lockedRows(lock)}
      ), revoked AS (
        UPDATE ${table} SET ${quoted('revokedAt')} = $2 WHERE ${quoted('id')} = ANY (ARRAY(SELECT id FROM locked))
        RETURNING ${quoted('id')}
      ), remaining AS (
        SELECT ${asText(quoted('id'))} AS id FROM ${table} WHERE ${isMeant} AND ${quoted('id')} NOT IN (SELECT id FROM locked)
      )
      SELECT counted.revoked, remaining.id
      FROM (SELECT count(*)::text AS revoked FROM revoked) AS counted LEFT JOIN remaining ON true`);
  return { statement, values: [ids, toTimestamp(now)] };
}
