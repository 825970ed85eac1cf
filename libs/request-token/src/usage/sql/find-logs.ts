import { plannedEachTime, type StatementCall } from '../../database/statement.js';
import type { TextRow } from '../../entities/entity-rows.js';
import type { RequestTokenLog } from '../../entities/request-token-log.entity.js';
import type { UsageTables } from './tables.js';

/** Returns the last log rows of a token. */
export function findLogs({ log }: UsageTables) {
  const { quoted: l } = log;
  const statement = plannedEachTime(`
      SELECT ${log.selection('log')} FROM ${log.table} AS log
      WHERE log.${l('tokenId')} = $1::uuid ORDER BY log.${l('id')} DESC LIMIT $2`);
  return (tokenId: string, most: number): StatementCall<TextRow<RequestTokenLog>> => ({
    statement,
    values: [tokenId, most],
  });
}
