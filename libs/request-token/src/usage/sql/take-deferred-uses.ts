import type { Moment } from '../../common/clock.js';
import { asText } from '../../database/column-types.js';
import { rows, toJson } from '../../database/json-rows.js';
import type { Lock } from '../../database/lock-lanes.js';
import { byLock, preparedWhileBig, type StatementCall } from '../../database/statement.js';
import type { RequestToken } from '../../entities/request-token.entity.js';
import type { LogEntry } from '../log-entry.js';
import { insertLogs, isUsable, lockTokens, lockUnwritten, stoppedAt, withSizes } from './fragments.js';
import type { Sized, TokenRow, UsageTables } from './tables.js';

/**
 * As {@link takeUses}, for one use of each of these deferred tokens, each of them once. What has no row gets one.
 *
 * PostgreSQL finds a row that another statement is writing although it cannot be seen, waits for it, and checks the
 * condition on its newest version: of many first uses at once one writes the row, and the others take from it. With
 * `skip` what is being written is left out.
 */
export function takeDeferredUses(tables: UsageTables) {
  const { token, entryColumns } = tables;
  const { table, columns, quoted: t } = token;
  const names = columns.map(([name]) => name);
  const values = names.map((name) => (name === 'useCount' ? '1' : `asked."${name}"`));
  const isAsked = 'ANY (ARRAY(SELECT "id" FROM asked))';
  const statement = byLock((lock) => {
    const left = `
      , held AS MATERIALIZED (
        ${lockTokens(tables, isAsked, lock)}
      ), busy AS MATERIALIZED (
        SELECT ${t('id')} AS id FROM ${table} WHERE ${t('id')} = ${isAsked} AND ${t('id')} NOT IN (SELECT id FROM held)
      )`;
    return preparedWhileBig(
      `
      WITH asked AS MATERIALIZED (
        SELECT * FROM (SELECT * FROM ${rows(columns, 3)} ORDER BY "id") AS given WHERE ${lockUnwritten('given."id"', lock)}
      )${lock === 'skip' ? left : ''}, taken AS (
        INSERT INTO ${table} AS token (${names.map(t).join(', ')})
        SELECT ${values.join(', ')} FROM asked
        WHERE ${lock === 'skip' ? 'asked."id" NOT IN (SELECT id FROM busy)' : 'true'}
          AND ${isUsable((property) => `asked."${property}"`)}
          AND ${stoppedAt(tables, 'asked')} IS NULL
        ORDER BY asked."id"
        ON CONFLICT (${t('id')}) DO UPDATE SET ${t('useCount')} = token.${t('useCount')} + 1
        WHERE ${isUsable((property) => `token.${t(property)}`)}
        RETURNING ${token.selection('token')}
      ), logged AS (
        ${insertLogs(tables, entryColumns, rows(entryColumns, 4, 'entry'))}
        JOIN taken ON taken."id" = ${asText('entry."tokenId"')}
      )
      ${withSizes(tables, 'taken')}`,
      tables.tokenAndRevocationLife,
    );
  });
  return (
    lock: Lock,
    { latest, earliest }: Moment,
    tokens: RequestToken[],
    entries: LogEntry[],
  ): StatementCall<Sized<TokenRow>> => ({
    statement: statement[lock],
    values: [latest, earliest, toJson(tokens.map((each) => token.write(each))), toJson(entries)],
  });
}
