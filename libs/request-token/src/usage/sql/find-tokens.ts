import { preparedWhileBig, type StatementCall } from '../../database/statement.js';
import { withSize } from './fragments.js';
import type { Sized, TokenRow, UsageTables } from './tables.js';

/** Returns the tokens with these ids. */
export function findTokens(tables: UsageTables) {
  const { token } = tables;
  const statement = preparedWhileBig(
    `
      WITH found AS (
        SELECT ${token.selection('token')} FROM ${token.table} AS token
        WHERE token.${token.quoted('id')} = ANY ((SELECT $1::uuid[])::uuid[])
      )
      ${withSize(tables, 'found')}`,
    tables.tokenSize.many,
  );
  return (ids: string[]): StatementCall<Sized<TokenRow>> => ({ statement, values: [ids] });
}
