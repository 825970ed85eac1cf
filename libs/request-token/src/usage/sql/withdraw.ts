import { rows, toJson } from '../../database/json-rows.js';
import type { Lock } from '../../database/lock-lanes.js';
import { byLock, plannedEachTime, type StatementCall } from '../../database/statement.js';
import type { LogEntry } from '../log-entry.js';
import { giveBack, holdLogs, insertLogs, leftOut, lockTokens } from './fragments.js';
import type { UsageTables } from './tables.js';

/**
 * Gives back uses that may have been taken, may be in this moment, or may be later, when an answer was lost. The log
 * row that is there is released. One that is not is written, as released, so that a statement that comes later to
 * take the use fails on its key. A statement that is under way has locked its token. Returns and repeats as
 * {@link settle}.
 */
export function withdraw(tables: UsageTables) {
  const { entryColumns } = tables;
  const { quoted: l } = tables.log;
  // Only a row that was there has a duration then.
  const statement = byLock((lock) =>
    plannedEachTime(`
      WITH lost AS (
        SELECT * FROM ${rows(entryColumns, 1)}
      ), ${holdLogs(tables, '$2::uuid[]', lock)}, free AS MATERIALIZED (
        SELECT * FROM lost WHERE "tokenId" NOT IN (SELECT "tokenId" FROM busy)
      ), locked AS MATERIALIZED (
        ${lockTokens(tables, 'ANY (ARRAY(SELECT "tokenId" FROM free))', lock)}
      ), entry AS MATERIALIZED (
        SELECT * FROM lost WHERE "tokenId" IN (SELECT id FROM locked) ORDER BY id
      ), remembered AS (
        ${insertLogs(tables, entryColumns, 'entry', `'released'`)}
        ON CONFLICT (${l('id')}) DO UPDATE SET ${l('outcome')} = 'released', ${l('durationMs')} = 0
        WHERE log.${l('outcome')} IN ('pending', 'used')
        RETURNING log.${l('tokenId')} AS "tokenId", log.${l('durationMs')} IS NOT NULL AS "wasThere"
      ), released AS (
        SELECT "tokenId", count(*) AS uses FROM remembered WHERE "wasThere" GROUP BY "tokenId"
      ), given_back AS (${giveBack(tables, 'released')})
      ${leftOut('lost')}`),
  );
  return (lock: Lock, lost: LogEntry[]): StatementCall<{ tokenId: string }> => ({
    statement: statement[lock],
    values: [toJson(lost), lost.map(({ id }) => id)],
  });
}
