import type { Moment } from '../../common/clock.js';
import { asText } from '../../database/column-types.js';
import { rows, toJson } from '../../database/json-rows.js';
import type { Lock } from '../../database/lock-lanes.js';
import { byLock, preparedWhileBig, type StatementCall } from '../../database/statement.js';
import type { LogEntry } from '../log-entry.js';
import { insertLogs, isUsable, lockTokens, withSize } from './fragments.js';
import type { Sized, TokenRow, UsageTables } from './tables.js';

export interface WantedUses {
  tokenId: string;
  /** How many. */
  wanted: number;
}

/** The log row of the `nth` use that is wanted of its token. */
export type NthEntry = LogEntry & { nth: number };

/** A token with its uses since, and how many there were before. */
export type TakenUsesRow = TokenRow & { usesBefore: string };

const WANTED_COLUMNS = [
  ['tokenId', 'uuid'],
  ['wanted', 'int'],
] as const;

/**
 * Takes uses of tokens, as many as are left, and writes the log rows of those. Returns the tokens of which any were
 * taken.
 *
 * PostgreSQL checks the condition on the newest version of a row that it locks, so that concurrent
 * statements each look at what the one before left.
 */
export function takeUses(tables: UsageTables) {
  const { token, entryColumns } = tables;
  const { table, quoted: t } = token;
  const statement = byLock((lock) =>
    preparedWhileBig(
      `
      WITH ask AS (
        SELECT * FROM ${rows(WANTED_COLUMNS, 3)}
      ), taken AS (
        UPDATE ${table} AS token
        SET ${t('useCount')} = token.${t('useCount')}
          + LEAST(ask.wanted, COALESCE(token.${t('maxUses')} - token.${t('useCount')}, ask.wanted))
        FROM (${lockTokens(tables, 'ANY (ARRAY(SELECT "tokenId" FROM ask))', lock, { condition: isUsable(token.quoted) })}) AS usable
        JOIN ask ON ask."tokenId" = usable.id
        WHERE token.${t('id')} = usable.id
        RETURNING ${token.selection('token')}, ${asText('usable.uses')} AS "usesBefore",
          token.${t('useCount')} - usable.uses AS "usesTaken"
      ), logged AS (
        ${insertLogs(tables, entryColumns, rows([...entryColumns, ['nth', 'int']], 4, 'entry'))}
        JOIN taken ON taken."id" = ${asText('entry."tokenId"')}
        WHERE entry.nth <= taken."usesTaken"
      )
      ${withSize(tables, 'taken')}`,
      tables.tokenSize.many,
    ),
  );
  return (
    lock: Lock,
    { latest, earliest }: Moment,
    wanted: WantedUses[],
    entries: NthEntry[],
  ): StatementCall<Sized<TakenUsesRow>> => ({
    statement: statement[lock],
    values: [latest, earliest, toJson(wanted), toJson(entries)],
  });
}
