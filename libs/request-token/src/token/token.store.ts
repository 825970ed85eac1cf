import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { type Columns, rows, toJson } from '../database/json-rows.js';
import { PreparedQueries } from '../database/prepared-queries.js';
import { prepared, type Statement } from '../database/statement.js';
import { EntityNames } from '../entities/entity-names.js';
import { RequestToken } from '../entities/request-token.entity.js';
import { REQUEST_TOKEN_DATA_SOURCE } from '../request-token.constants.js';

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

/** Writes new tokens, any number of them in one round trip. */
@Injectable()
export class TokenStore {
  private insertions?: { one: Statement; many: Statement };

  constructor(
    @Inject(REQUEST_TOKEN_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly queries: PreparedQueries,
  ) {}

  async insert(tokens: RequestToken[], manager?: EntityManager): Promise<void> {
    const { one, many } = this.statements;
    const [token] = tokens;
    if (tokens.length === 1)
      await this.queries.run(
        one,
        COLUMNS.map(([name]) => token[name]),
        manager,
      );
    else await this.queries.run(many, [toJson(tokens)], manager);
  }

  private get statements() {
    return (this.insertions ??= insertionsInto(new EntityNames(this.dataSource, RequestToken)));
  }
}

function insertionsInto(names: EntityNames<RequestToken>) {
  const insert = `INSERT INTO ${names.table} (${COLUMNS.map(([name]) => names.quoted(name)).join(', ')})`;
  const values = COLUMNS.map(([name]) => `"${name}"`).join(', ');
  return {
    // To read one row from JSON takes PostgreSQL longer than to write it.
    one: prepared(`${insert} VALUES (${COLUMNS.map((_, index) => `$${index + 1}`).join(', ')})`),
    many: prepared(`${insert} SELECT ${values} FROM ${rows(COLUMNS, 1)}`),
  };
}
