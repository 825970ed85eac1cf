import { asText } from '../../database/column-types.js';
import { plannedEachTime, type StatementCall } from '../../database/statement.js';
import type { EntityNames } from '../../entities/entity-names.js';
import type { RequestToken } from '../../entities/request-token.entity.js';

/** Which tokens; what is left out is not asked for. */
export interface Wanted {
  userId?: string;
  scope?: string;
  /** Of greater ids only. */
  after?: string;
}

/**
 * Returns ids of tokens that are not revoked, in their order. Of any id: those of a server whose clock is ahead are
 * from the future.
 */
export function findUnrevoked(
  { table, quoted }: EntityNames<RequestToken>,
  { userId, scope, after }: Wanted,
  most: number,
): StatementCall<{ id: string }> {
  const given = [
    { column: 'userId', comparison: '=', value: userId } as const,
    { column: 'scope', comparison: '=', value: scope } as const,
    { column: 'id', comparison: '>', value: after } as const,
  ].filter(({ value }) => value !== undefined);
  const conditions = given.map(
    ({ column, comparison }, index) => `AND ${quoted(column)} ${comparison} $${index + 2}`,
  );
  const statement = plannedEachTime(`
      SELECT ${asText(quoted('id'))} AS id FROM ${table} AS token
      WHERE ${quoted('revokedAt')} IS NULL ${conditions.join(' ')}
      ORDER BY token.${quoted('id')} LIMIT $1`);
  return { statement, values: [most, ...given.map(({ value }) => value)] };
}
