import { asText } from '../../database/column-types.js';
import type { Lock } from '../../database/lock-lanes.js';
import { byLock, plannedEachTime, type StatementCall } from '../../database/statement.js';
import { giveBack, holdLogs, lockLogs, lockTokens } from './fragments.js';
import type { UsageTables } from './tables.js';

/** A condition: the use is of one of the tokens `$1`, and pending since before `$2`. */
const isAbandoned = ({ log: { quoted: l } }: UsageTables): string => `
      ${l('tokenId')} = ANY ((SELECT $1::uuid[])::uuid[]) AND ${l('outcome')} = 'pending' AND ${l('startedAt')} < $2`;

/** As {@link awaitLogs}, for the log rows that {@link releasePending} will end. */
export function awaitPending(tables: UsageTables) {
  const statement = plannedEachTime(lockLogs(tables, isAbandoned(tables)));
  return (tokenIds: string[], startedBefore: Date): StatementCall<unknown> => ({
    statement,
    values: [tokenIds, startedBefore],
  });
}

/**
 * Releases uses of these tokens that are pending since before that. Returns how many as `released`, in each row, and
 * as `tokenId` those of which some were left out.
 */
export function releasePending(tables: UsageTables) {
  const { table, quoted: l } = tables.log;
  const statement = byLock((lock) =>
    plannedEachTime(`
      WITH abandoned AS MATERIALIZED (
        SELECT ${l('id')} AS id, ${l('tokenId')} AS "tokenId" FROM ${table} WHERE ${isAbandoned(tables)}
      ), ${holdLogs(tables, 'ARRAY(SELECT id FROM abandoned)', lock)}, free AS MATERIALIZED (
        SELECT * FROM abandoned WHERE "tokenId" NOT IN (SELECT "tokenId" FROM busy)
      ), locked AS MATERIALIZED (
        ${lockTokens(tables, 'ANY (ARRAY(SELECT "tokenId" FROM free))', lock)}
      ), due AS MATERIALIZED (
        SELECT * FROM free WHERE "tokenId" IN (SELECT id FROM locked)
      ), settled AS (
        UPDATE ${table} AS log SET ${l('outcome')} = 'released'
        WHERE log.${l('id')} = ANY (ARRAY(SELECT id FROM due)) AND log.${l('outcome')} = 'pending'
        RETURNING log.${l('tokenId')} AS "tokenId"
      ), released AS (
        SELECT "tokenId", count(*) AS uses FROM settled GROUP BY "tokenId"
      ), given_back AS (${giveBack(tables, 'released')}
      ), remaining AS (
        SELECT DISTINCT "tokenId" FROM abandoned WHERE id NOT IN (SELECT id FROM due)
      )
      SELECT counted.released, ${asText('remaining."tokenId"')} AS "tokenId"
      FROM (SELECT count(*)::text AS released FROM settled) AS counted LEFT JOIN remaining ON true`),
  );
  return (
    lock: Lock,
    tokenIds: string[],
    startedBefore: Date,
  ): StatementCall<{ released: string; tokenId: string | null }> => ({
    statement: statement[lock],
    values: [tokenIds, startedBefore],
  });
}
