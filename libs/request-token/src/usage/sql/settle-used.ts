import { rows, toJson } from '../../database/json-rows.js';
import { prepared, type StatementCall } from '../../database/statement.js';
import type { Settlement, TakenUse } from '../uses.js';
import type { UsageTables } from './tables.js';

const COLUMNS = [
  ['logId', 'uuid'],
  ['tokenId', 'uuid'],
  ['statusCode', 'int'],
  ['durationMs', 'int'],
] as const;

/**
 * As {@link settle}, for uses that are logged, and stay used. Nothing else is, as a rule. Returns nothing.
 *
 * It finds the rows by their key, without a join: so it may keep its plan, whatever the size of the table, and a log in
 * months costs no more than another. A row that was deleted meanwhile is written again, as of now, with what is
 * known here. That fails if its token, or its month, is gone as well, or if the app's log asks for more, be it of rows
 * that are there: then {@link settle} does what is left to do.
 */
export function settleUsed({ log: { table, quoted: l } }: UsageTables) {
  const statement = prepared(`
      INSERT INTO ${table} AS log
        (${l('id')}, ${l('tokenId')}, ${l('outcome')}, ${l('statusCode')}, ${l('durationMs')}, ${l('startedAt')})
      SELECT "logId", "tokenId", 'used', "statusCode", "durationMs", now() FROM ${rows(COLUMNS, 1)}
      ON CONFLICT (${l('id')}) DO UPDATE
      SET ${l('outcome')} = 'used', ${l('statusCode')} = excluded.${l('statusCode')}, ${l('durationMs')} = excluded.${l('durationMs')}
      WHERE log.${l('outcome')} IN ('pending', 'used')`);
  return (used: (TakenUse & Settlement)[]): StatementCall<never> => ({ statement, values: [toJson(used)] });
}
