import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager, QueryFailedError, type QueryRunner } from 'typeorm';
import { REQUEST_TOKEN_DATA_SOURCE } from '../request-token.constants.js';
import { sqlStateOf } from './database-errors.js';
import type { Statement } from './statement.js';

/** What is used of node-postgres, or of what takes its place. */
interface PostgresClient {
  query(query: { name?: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
}

/**
 * What a connection says that has no such plan, has another of that name, or has one from before a
 * migration: invalid_sql_statement_name, duplicate_prepared_statement, feature_not_supported ("cached
 * plan must not change result type"). Nothing was executed then.
 */
const PLAN_IS_LOST = ['26000', '42P05', '0A000'];

/**
 * Runs statements by name, so that PostgreSQL parses and plans each once per connection. TypeORM cannot
 * do that, so the connection is asked directly; TypeORM's logger is told as ever.
 */
@Injectable()
export class PreparedQueries {
  private readonly logger = new Logger(PreparedQueries.name);
  private isNamed = true;

  constructor(@Inject(REQUEST_TOKEN_DATA_SOURCE) private readonly dataSource: DataSource) {}

  /**
   * One round trip.
   *
   * @param manager runs it inside a transaction of the caller, as TypeORM does, without a name
   */
  async run<Row>({ name, text }: Statement, values: unknown[], manager?: EntityManager): Promise<Row[]> {
    if (manager) return manager.query<Row[]>(text, values);
    const runner = this.dataSource.createQueryRunner();
    const isNamed = this.isNamed && name !== undefined;
    try {
      return await this.send<Row>(runner, { name: isNamed ? name : undefined, text, values });
    } catch (error) {
      if (!isNamed || !PLAN_IS_LOST.includes(sqlStateOf(error) ?? '')) throw error;
      this.stopNaming(error);
      return await this.send<Row>(runner, { text, values });
    } finally {
      await runner.release();
    }
  }

  private stopNaming(error: unknown): void {
    if (!this.isNamed) return;
    this.isNamed = false;
    this.logger.warn(
      `Statements are no longer prepared, because connections lose them (${String(error)}). ` +
        'A pooler in transaction mode does that: let PgBouncer keep them with max_prepared_statements.',
    );
  }

  private async send<Row>(
    runner: QueryRunner,
    query: { name?: string; text: string; values: unknown[] },
  ): Promise<Row[]> {
    const { logger, options } = this.dataSource;
    const client = (await runner.connect()) as PostgresClient;
    logger.logQuery(query.text, query.values, runner);
    const startedAt = Date.now();
    try {
      const { rows } = await client.query(query);
      const milliseconds = Date.now() - startedAt;
      if (options.maxQueryExecutionTime && milliseconds > options.maxQueryExecutionTime) {
        logger.logQuerySlow(milliseconds, query.text, query.values, runner);
      }
      return rows as Row[];
    } catch (error) {
      logger.logQueryError(error as Error, query.text, query.values, runner);
      throw new QueryFailedError(query.text, query.values, error as Error);
    }
  }
}
