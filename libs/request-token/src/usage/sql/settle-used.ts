import { plannedEachTime, type StatementCall } from '../../database/statement.js';
import type { Settlement, TakenUse } from '../uses.js';
import type { UsageTables } from './tables.js';

/**
 * As {@link settle}, for uses that are logged, and stay used. Nothing else is, as a rule, and it takes PostgreSQL
 * half the time. Returns nothing.
 */
export function settleUsed({ log: { table, quoted: l } }: UsageTables) {
  // Behind SELECT, the arrays seem short, and the planner looks each id up instead of reading a log of middling size.
  const statement = plannedEachTime(`
      UPDATE ${table} AS log
      SET ${l('outcome')} = 'used', ${l('statusCode')} = used.status, ${l('durationMs')} = used.duration
      FROM unnest((SELECT $1::uuid[]), (SELECT $2::int[]), (SELECT $3::int[])) AS used (id, status, duration)
      WHERE log.${l('id')} = used.id AND log.${l('outcome')} IN ('pending', 'used')`);
  return (used: (TakenUse & Settlement)[]): StatementCall<never> => ({
    statement,
    values: [
      used.map(({ logId }) => logId),
      used.map(({ statusCode }) => statusCode),
      used.map(({ durationMs }) => durationMs),
    ],
  });
}
