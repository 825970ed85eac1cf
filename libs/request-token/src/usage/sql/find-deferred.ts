import { asText, columnType } from '../../database/column-types.js';
import { type Columns, rows, toJson } from '../../database/json-rows.js';
import { plannedEachTime, type StatementCall } from '../../database/statement.js';
import type { ColumnOf } from '../../entities/entity-rows.js';
import type { RequestToken } from '../../entities/request-token.entity.js';
import { stoppedAt } from './fragments.js';
import type { TokenRow, UsageTables } from './tables.js';

/** A deferred token that was asked for, when it was stopped, if it was, and its row, if it has one. */
export type FoundDeferred = { asked: string; stoppedAt: string | null } & (TokenRow | { id: null });

export const STOPPED_AT = columnType('timestamptz');

/** What a revocation may be about. */
const ABOUT: readonly ColumnOf<RequestToken>[] = ['id', 'userId', 'scope', 'issuedAt'];

/** Looks at deferred tokens, whether they have a row or not. */
export function findDeferred(tables: UsageTables) {
  const { token } = tables;
  const columns: Columns<ColumnOf<RequestToken>> = token.columns.filter(([name]) => ABOUT.includes(name));
  const statement = plannedEachTime(`
      WITH asked AS MATERIALIZED (
        SELECT * FROM ${rows(columns, 1)}
      ), found AS MATERIALIZED (
        SELECT ${token.selection('token')} FROM ${token.table} AS token
        WHERE token.${token.quoted('id')} = ANY (ARRAY(SELECT "id" FROM asked))
      )
      SELECT ${asText('asked."id"')} AS "asked", ${STOPPED_AT.select(stoppedAt(tables, 'asked'))} AS "stoppedAt", found.*
      FROM asked LEFT JOIN found ON found."id" = ${asText('asked."id"')}`);
  return (tokens: RequestToken[]): StatementCall<FoundDeferred> => ({
    statement,
    values: [toJson(tokens.map((each) => token.write(each)))],
  });
}
