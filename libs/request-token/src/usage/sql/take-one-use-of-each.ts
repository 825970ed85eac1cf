import type { Moment } from '../../common/clock.js';
import { asText } from '../../database/column-types.js';
import { rows, toJson } from '../../database/json-rows.js';
import type { Lock } from '../../database/lock-lanes.js';
import { byLock, preparedWhileBig, type StatementCall } from '../../database/statement.js';
import type { LogEntry } from '../log-entry.js';
import { insertLogs, takeOneOf, withSize } from './fragments.js';
import type { Sized, TokenRow, UsageTables } from './tables.js';

/** As {@link takeUses}, for one use of each token, all of them logged: what a group is, as a rule. */
export function takeOneUseOfEach(tables: UsageTables) {
  const { entryColumns } = tables;
  // The ids are behind SELECT, so that the planner does not see how many there are, and keeps one plan.
  const statement = byLock((lock) =>
    preparedWhileBig(
      `
      WITH taken AS (${takeOneOf(tables, 'ANY ((SELECT $3::uuid[])::uuid[])', lock)}), logged AS (
        ${insertLogs(tables, entryColumns, rows(entryColumns, 4, 'entry'))}
        JOIN taken ON taken."id" = ${asText('entry."tokenId"')}
      )
      ${withSize(tables, 'taken')}`,
      tables.tokenSize.many,
    ),
  );
  return (
    lock: Lock,
    { latest, earliest }: Moment,
    tokenIds: string[],
    entries: LogEntry[],
  ): StatementCall<Sized<TokenRow>> => ({
    statement: statement[lock],
    values: [latest, earliest, tokenIds, toJson(entries)],
  });
}
