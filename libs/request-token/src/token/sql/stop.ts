import { plannedEachTime, type StatementCall } from '../../database/statement.js';
import { toTimestamp } from '../../database/timestamp.js';
import type { EntityNames } from '../../entities/entity-names.js';
import type { RequestToken } from '../../entities/request-token.entity.js';
import type { RequestTokenRevocation } from '../../entities/request-token-revocation.entity.js';

interface Tables {
  token: EntityNames<RequestToken>;
  revocation: EntityNames<RequestTokenRevocation>;
}

/**
 * Stops a deferred token that has no row in which it could be revoked. Returns a row if it does so, and it was not
 * stopped before.
 *
 * @param neededUntil when its JWT expires, if that is known
 */
export function stopToken(
  { token, revocation: { table, quoted: r } }: Tables,
  id: string,
  tokenId: string,
  now: Date,
  neededUntil: Date | undefined,
): StatementCall<unknown> {
  const statement = plannedEachTime(`
      INSERT INTO ${table} (${r('id')}, ${r('tokenId')}, ${r('revokedAt')}, ${r('neededUntil')})
      SELECT $1::uuid, $2::uuid, $3::timestamptz, $4::timestamptz
      WHERE NOT EXISTS (SELECT FROM ${token.table} WHERE ${token.quoted('id')} = $2::uuid)
        AND NOT EXISTS (SELECT FROM ${table} WHERE ${r('tokenId')} = $2::uuid)
      RETURNING 1`);
  return {
    statement,
    values: [id, tokenId, toTimestamp(now), neededUntil ? toTimestamp(neededUntil) : null],
  };
}

/** Stops all deferred tokens of a user, a scope, or both that were issued until now. One row for each such choice. */
export function stopAll(
  { revocation: { table, quoted: r } }: Tables,
  id: string,
  { userId, scope }: { userId?: string; scope?: string },
  now: Date,
): StatementCall<never> {
  const isGiven = (column: string, value: string | undefined, index: number) =>
    value === undefined ? `${column} IS NULL` : `${column} = $${index}`;
  const statement = plannedEachTime(`
      WITH given AS (
        SELECT $1::uuid AS id, $2::timestamptz AS revoked_at, $3::text AS user_id, $4::text AS scope
      ), prolonged AS (
        UPDATE ${table} AS revocation
        SET ${r('revokedAt')} = GREATEST(revocation.${r('revokedAt')}, given.revoked_at)
        FROM given
        WHERE ${isGiven(`revocation.${r('userId')}`, userId, 3)} AND ${isGiven(`revocation.${r('scope')}`, scope, 4)}
          AND revocation.${r('tokenId')} IS NULL
        RETURNING 1
      )
      INSERT INTO ${table} (${r('id')}, ${r('revokedAt')}, ${r('userId')}, ${r('scope')})
      SELECT * FROM given WHERE NOT EXISTS (SELECT FROM prolonged)`);
  return { statement, values: [id, toTimestamp(now), userId ?? null, scope ?? null] };
}
