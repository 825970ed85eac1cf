import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { arraysOf, type Columns, rows } from '../database/arrays.js';
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
    const values = tokens.map((token) => ({ ...token, data: JSON.stringify(token.data) }));
    await this.queries.run(this.statement, arraysOf(COLUMNS, values), manager);
  }

  private get statement(): Statement {
    return (this.insertion ??= insertionInto(new EntityNames(this.dataSource, RequestToken)));
  }
}

function insertionInto(names: EntityNames<RequestToken>): Statement {
  const columns = COLUMNS.map(([name]) => names.quoted(name)).join(', ');
  const values = COLUMNS.map(([name]) => `"${name}"`).join(', ');
  return statement(`INSERT INTO ${names.table} (${columns}) SELECT ${values} FROM ${rows(COLUMNS)}`);
}
