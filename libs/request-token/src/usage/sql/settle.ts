import { asText } from '../../database/column-types.js';
import { rows, toJson } from '../../database/json-rows.js';
import type { Lock } from '../../database/lock-lanes.js';
import { byLock, plannedEachTime, type StatementCall } from '../../database/statement.js';
import type { Settlement, TakenUse } from '../uses.js';
import { giveBack, holdLogs, leftOut, lockTokens } from './fragments.js';
import type { UsageTables } from './tables.js';

const COLUMNS = [
  ['tokenId', 'uuid'],
  ['logId', 'uuid'],
  ['outcome', 'text'],
  ['statusCode', 'int'],
  ['durationMs', 'int'],
] as const;

/**
 * Ends log rows, and gives back the uses that are released. Returns `tokenId` of what was left out; of a token with
 * a log row that somebody has locked, that is everything, as a use that is not logged must not be given back twice.
 *
 * A row that is released already stays as it is, so that repeating it does no harm.
 */
export function settle(tables: UsageTables) {
  const { table, quoted: l } = tables.log;
  const statement = byLock((lock) =>
    plannedEachTime(`
      WITH ended AS (
        SELECT * FROM ${rows(COLUMNS, 1)}
      ), ${holdLogs(tables, '$2::uuid[]', lock)}, free AS MATERIALIZED (
        SELECT * FROM ended WHERE "tokenId" NOT IN (SELECT "tokenId" FROM busy)
      ), locked AS MATERIALIZED (
        ${lockTokens(tables, `ANY (ARRAY(SELECT "tokenId" FROM free WHERE outcome = 'released'))`, lock)}
      ), due AS MATERIALIZED (
        SELECT * FROM free WHERE outcome <> 'released' OR "tokenId" IN (SELECT id FROM locked)
      ), settled AS (
        UPDATE ${table} AS log
        SET ${l('outcome')} = ending.outcome, ${l('statusCode')} = ending."statusCode", ${l('durationMs')} = ending."durationMs"
        FROM due AS ending
        WHERE log.${l('id')} = ANY ($2::uuid[]) AND log.${l('id')} = ending."logId" AND log.${l('outcome')} IN ('pending', 'used')
        RETURNING log.${l('tokenId')} AS "tokenId", ending.outcome
      ), released AS (
        SELECT "tokenId", count(*) AS uses
        FROM (
          SELECT "tokenId", outcome FROM settled
          UNION ALL SELECT "tokenId", outcome FROM due WHERE "logId" IS NULL
        ) AS settlement
        WHERE outcome = 'released' GROUP BY "tokenId"
      ), given_back AS (${giveBack(tables, 'released')})
      ${leftOut(`(SELECT * FROM ended WHERE outcome = 'released') AS ended`)}
      UNION ALL SELECT ${asText('"tokenId"')} FROM busy`),
  );
  return (lock: Lock, ended: (TakenUse & Settlement)[]): StatementCall<{ tokenId: string }> => ({
    statement: statement[lock],
    values: [toJson(ended), ended.flatMap(({ logId }) => logId ?? [])],
  });
}
