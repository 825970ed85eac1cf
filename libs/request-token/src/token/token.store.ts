import { Injectable } from '@nestjs/common';
import { PreparedQueries, type RunOptions } from '../database/prepared-queries.js';
import { TableAnalysis } from '../database/table-analysis.js';
import { KnownEntities } from '../entities/known-entities.js';
import { RequestToken } from '../entities/request-token.entity.js';
import { insertToken, insertTokens } from './sql/insert-tokens.js';

/** Writes new tokens, any number of them in one round trip. */
@Injectable()
export class TokenStore {
  private made?: ReturnType<TokenStore['makeStatements']>;

  constructor(
    private readonly entities: KnownEntities,
    private readonly queries: PreparedQueries,
    private readonly analysis: TableAnalysis,
  ) {}

  async insert(tokens: RequestToken[], options?: RunOptions): Promise<void> {
    const { table, one, many } = (this.made ??= this.makeStatements());
    await this.queries.run(tokens.length === 1 ? one(tokens[0]) : many(tokens), options);
    this.analysis.afterInsert(table, tokens.length);
  }

  /** At first use: the DataSource may be initialized by hand, after the modules. */
  private makeStatements() {
    const token = this.entities.rowsOf(RequestToken);
    return { table: token.table, one: insertToken(token), many: insertTokens(token) };
  }
}
