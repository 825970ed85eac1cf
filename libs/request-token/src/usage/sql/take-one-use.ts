import type { Moment } from '../../common/clock.js';
import type { Lock } from '../../database/lock-lanes.js';
import { byLock, preparedWhileBig, type StatementCall } from '../../database/statement.js';
import type { LogEntry } from '../log-entry.js';
import { takeOneOf, withSize } from './fragments.js';
import type { Sized, TokenRow, UsageTables } from './tables.js';

/**
 * As {@link takeUses}, for one use of one token, which is logged. It takes PostgreSQL three quarters of the time.
 */
export function takeOneUse(tables: UsageTables) {
  const { log, entryColumns } = tables;
  const statement = byLock((lock) =>
    preparedWhileBig(
      `
      WITH taken AS (${takeOneOf(tables, '$3', lock)}), logged AS (
        INSERT INTO ${log.table} (${entryColumns.map(([name]) => log.quoted(name)).join(', ')})
        SELECT ${entryColumns.map(([, type], index) => `$${index + 4}::${type}`).join(', ')} FROM taken
      )
      ${withSize(tables, 'taken')}`,
      tables.tokenSize.one,
    ),
  );
  return (lock: Lock, { latest, earliest }: Moment, entry: LogEntry): StatementCall<Sized<TokenRow>> => ({
    statement: statement[lock],
    values: [latest, earliest, entry.tokenId, ...entryColumns.map(([name]) => entry[name])],
  });
}
