import { rows, toJson } from '../../database/json-rows.js';
import { prepared, type StatementCall } from '../../database/statement.js';
import type { EntityRows } from '../../entities/entity-rows.js';
import type { RequestToken } from '../../entities/request-token.entity.js';

/** Writes new tokens. */
export function insertTokens(token: EntityRows<RequestToken>) {
  const { columns } = token;
  const values = columns.map(([name]) => `"${name}"`).join(', ');
  const statement = prepared(`${insertInto(token)} SELECT ${values} FROM ${rows(columns, 1)}`);
  return (tokens: RequestToken[]): StatementCall<never> => ({
    statement,
    values: [toJson(tokens.map((each) => token.write(each)))],
  });
}

/** As {@link insertTokens}, for one: to read a row from JSON takes PostgreSQL longer than to write it. */
export function insertToken(token: EntityRows<RequestToken>) {
  const { columns } = token;
  const values = columns.map((_, index) => `$${index + 1}`).join(', ');
  const statement = prepared(`${insertInto(token)} VALUES (${values})`);
  return (one: RequestToken): StatementCall<never> => {
    const row = token.write(one);
    return { statement, values: columns.map(([name]) => row[name]) };
  };
}

const insertInto = ({ table, columns, quoted }: EntityRows<RequestToken>): string =>
  `INSERT INTO ${table} (${columns.map(([name]) => quoted(name)).join(', ')})`;
