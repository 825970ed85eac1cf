import { plannedEachTime, type StatementCall } from '../../database/statement.js';
import { lockLogs } from './fragments.js';
import type { UsageTables } from './tables.js';

/** Waits until nobody else has locked these log rows, and keeps no lock. */
export function awaitLogs(tables: UsageTables) {
  const statement = plannedEachTime(lockLogs(tables, `${tables.log.quoted('id')} = ANY ($1::uuid[])`));
  return (ids: string[]): StatementCall<unknown> => ({ statement, values: [ids] });
}
