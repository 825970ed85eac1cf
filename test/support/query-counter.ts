import { AbstractLogger, type DataSourceOptions } from 'typeorm';

/** Counts what TypeORM sends to the database. */
export class QueryCounter extends AbstractLogger {
  queries: string[] = [];

  /** For the DataSource whose queries are to be counted. */
  readonly dataSource = { logger: this, logging: ['query'] } as Partial<DataSourceOptions>;

  override logQuery(query: string): void {
    this.queries.push(query);
  }

  protected override writeLog(): void {
    // Only counted.
  }
}
