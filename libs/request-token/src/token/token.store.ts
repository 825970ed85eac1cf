import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { REQUEST_TOKEN_DATA_SOURCE } from '../common/constants.js';
import { type Columns, rows, toJson } from '../database/json-rows.js';
import { PreparedQueries, type RunOptions } from '../database/prepared-queries.js';
import { prepared, type Statement } from '../database/statement.js';
import { TableAnalysis } from '../database/table-analysis.js';
import { toTimestamp } from '../database/timestamp.js';
import { EntityNames } from '../entities/entity-names.js';
import { RequestToken } from '../entities/request-token.entity.js';

const COLUMNS = [
  ['id', 'uuid'],
  ['scope', 'text'],
  ['targetPath', 'text'],
  ['userId', 'text'],
  ['loginMode', 'text'],
  ['issuedAt', 'timestamptz'],
  ['notBefore', 'timestamptz'],
  ['expiresAt', 'timestamptz'],
  ['maxUses', 'int'],
  ['useCount', 'int'],
  ['data', 'jsonb'],
] as const satisfies Columns<keyof RequestToken>;

type Column = (typeof COLUMNS)[number][0];

/** Writes new tokens, any number of them in one round trip. */
@Injectable()
export class TokenStore {
  private insertions?: { table: string; one: Statement; many: Statement };

  constructor(
    @Inject(REQUEST_TOKEN_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly queries: PreparedQueries,
    private readonly analysis: TableAnalysis,
  ) {}

  async insert(tokens: RequestToken[], options?: RunOptions): Promise<void> {
    const { table, one, many } = this.statements;
    if (tokens.length === 1) {
      const row = toRow(tokens[0]);
      const values = COLUMNS.map(([name]) => row[name]);
      await this.queries.run(one, values, options);
    } else {
      await this.queries.run(many, [toJson(tokens.map(toRow))], options);
    }
    this.analysis.afterInsert(table, tokens.length);
  }

  private get statements() {
    return (this.insertions ??= insertionsInto(new EntityNames(this.dataSource, RequestToken)));
  }
}

function insertionsInto(names: EntityNames<RequestToken>) {
  const { table } = names;
  const insert = `INSERT INTO ${table} (${COLUMNS.map(([name]) => names.quoted(name)).join(', ')})`;
  const values = COLUMNS.map(([name]) => `"${name}"`).join(', ');
  return {
    table,
    // To read one row from JSON takes PostgreSQL longer than to write it.
    one: prepared(`${insert} VALUES (${COLUMNS.map((_, index) => `$${index + 1}`).join(', ')})`),
    many: prepared(`${insert} SELECT ${values} FROM ${rows(COLUMNS, 1)}`),
  };
}

const toRow = (token: RequestToken): Record<Column, unknown> => ({
  id: token.id,
  scope: token.scope,
  targetPath: token.targetPath,
  userId: token.userId,
  loginMode: token.loginMode,
  issuedAt: toTimestamp(token.issuedAt),
  notBefore: token.notBefore && toTimestamp(token.notBefore),
  expiresAt: token.expiresAt && toTimestamp(token.expiresAt),
  maxUses: token.maxUses,
  useCount: token.useCount,
  data: token.data,
});
