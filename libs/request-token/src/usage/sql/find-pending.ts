import { asText } from '../../database/column-types.js';
import { plannedEachTime, type StatementCall } from '../../database/statement.js';
import type { UsageTables } from './tables.js';

/** Returns ids of tokens with uses that are pending since before that. */
export function findPending({ log: { table, quoted: l } }: UsageTables) {
  const statement = plannedEachTime(`
      SELECT DISTINCT ${asText(l('tokenId'))} AS "tokenId" FROM ${table}
      WHERE ${l('outcome')} = 'pending' AND ${l('startedAt')} < $1 LIMIT $2`);
  return (startedBefore: Date, most: number): StatementCall<{ tokenId: string }> => ({
    statement,
    values: [startedBefore, most],
  });
}
