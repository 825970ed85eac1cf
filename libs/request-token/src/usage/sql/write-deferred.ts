import { rows, toJson } from '../../database/json-rows.js';
import type { Lock } from '../../database/lock-lanes.js';
import { byLock, plannedEachTime, type StatementCall } from '../../database/statement.js';
import type { RequestToken } from '../../entities/request-token.entity.js';
import { lockUnwritten } from './fragments.js';
import type { UsageTables } from './tables.js';

/**
 * Writes the rows of deferred tokens that have none, and takes no use. With `skip` those that somebody else is writing
 * are left out.
 */
export function writeDeferred({ token }: UsageTables) {
  const { table, columns, quoted: t } = token;
  const names = columns.map(([name]) => name);
  const statement = byLock((lock) =>
    plannedEachTime(`
      INSERT INTO ${table} (${names.map(t).join(', ')})
      SELECT ${names.map((name) => `given."${name}"`).join(', ')}
      FROM (SELECT * FROM ${rows(columns, 1)} ORDER BY "id") AS given
      WHERE ${lockUnwritten('given."id"', lock)}
      ON CONFLICT (${t('id')}) DO NOTHING`),
  );
  return (lock: Lock, tokens: RequestToken[]): StatementCall<never> => ({
    statement: statement[lock],
    values: [toJson(tokens.map((each) => token.write(each)))],
  });
}
