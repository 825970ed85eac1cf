import { asText } from '../../database/column-types.js';
import { plannedEachTime, type StatementCall } from '../../database/statement.js';
import type { UsageTables } from './tables.js';

/** How far was read, null if up to the end, and a token with a use that is pending, or null. */
export interface PendingRow {
  last: string | null;
  tokenId: string | null;
}

/**
 * Reads so many log rows behind an id, in the order of ids, and returns the tokens with uses among them that are pending
 * since before a moment. There is no index of what is pending: each settling would have to write it.
 */
export function findPending({ log: { table, quoted: l } }: UsageTables) {
  const statement = plannedEachTime(`
      WITH read AS MATERIALIZED (
        SELECT ${l('id')} AS id, ${l('tokenId')} AS token_id, ${l('outcome')} AS outcome, ${l('startedAt')} AS started_at
        FROM ${table} WHERE ${l('id')} > $1::uuid ORDER BY ${l('id')} LIMIT $2::bigint
      )
      SELECT ${asText('bound.id')} AS "last", found.token_id AS "tokenId"
      FROM (SELECT (SELECT id FROM read ORDER BY id OFFSET $2::bigint - 1) AS id) AS bound
      LEFT JOIN (
        SELECT DISTINCT ${asText('token_id')} AS token_id FROM read WHERE outcome = 'pending' AND started_at < $3
      ) AS found ON true`);
  return (after: string, most: number, startedBefore: Date): StatementCall<PendingRow> => ({
    statement,
    values: [after, most, startedBefore],
  });
}
