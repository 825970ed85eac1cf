import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { type Columns, rows, toJson } from '../database/json-rows.js';
import { PreparedQueries } from '../database/prepared-queries.js';
import { type Statement, statement } from '../database/statement.js';
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
  private insertion?: Statement;

  constructor(
    @Inject(REQUEST_TOKEN_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly queries: PreparedQueries,
  ) {}

  async insert(tokens: RequestToken[], manager?: EntityManager): Promise<void> {
    await this.queries.run(this.statement, [toJson(tokens)], manager);
  }

  private get statement(): Statement {
    return (this.insertion ??= insertionInto(new EntityNames(this.dataSource, RequestToken)));
  }
}

function insertionInto(names: EntityNames<RequestToken>): Statement {
  const columns = COLUMNS.map(([name]) => names.quoted(name)).join(', ');
  const values = COLUMNS.map(([name]) => `"${name}"`).join(', ');
  return statement(`INSERT INTO ${names.table} (${columns}) SELECT ${values} FROM ${rows(COLUMNS, 1)}`);
}
