import { rows, toJson } from '../../database/json-rows.js';
import type { Lock } from '../../database/lock-lanes.js';
import { byLock, plannedEachTime, type StatementCall } from '../../database/statement.js';
import type { LogRow } from '../log-entry.js';
import { insertLogs, leftOut, lockTokens } from './fragments.js';
import type { UsageTables } from './tables.js';

/**
 * Writes log rows, or adds to the `repeats` of those that are there. Returns `tokenId` of what was left out: what is
 * about tokens that are not there, too.
 */
export function logRefusals(tables: UsageTables) {
  const { log } = tables;
  const { quoted: l } = log;
  // Locked as the foreign key would, so that a token that is being deleted is not there.
  const strength = 'KEY SHARE';
  const statement = byLock((lock) =>
    plannedEachTime(`
      WITH refused AS (
        SELECT * FROM ${rows(log.columns, 1)}
      ), locked AS MATERIALIZED (
        ${lockTokens(tables, 'ANY (ARRAY(SELECT "tokenId" FROM refused))', lock, { strength })}
      ), entry AS MATERIALIZED (
        SELECT * FROM refused WHERE "tokenId" IN (SELECT id FROM locked) ORDER BY id
      ), logged AS (
        ${insertLogs(tables, log.columns, 'entry')}
        ON CONFLICT (${l('id')}) DO UPDATE SET ${l('repeats')} = log.${l('repeats')} + excluded.${l('repeats')}
      )
      ${leftOut('refused')}`),
  );
  return (lock: Lock, refused: LogRow[]): StatementCall<{ tokenId: string }> => ({
    statement: statement[lock],
    values: [toJson(refused)],
  });
}
