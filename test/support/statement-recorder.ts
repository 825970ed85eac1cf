import { AbstractLogger, type DataSourceOptions } from 'typeorm';

export interface RecordedStatement {
  text: string;
  values: unknown[];
}

/** Keeps what is sent to the database about the tables of the library, with the values of its parameters. */
export class StatementRecorder extends AbstractLogger {
  private recorded: RecordedStatement[] = [];

  /** For the DataSource whose statements are to be kept. */
  readonly dataSource = { logger: this, logging: ['query'] } as Partial<DataSourceOptions>;

  override logQuery(text: string, values: unknown[] = []): void {
    if (/^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/.test(text) && text.includes('"request_token')) {
      this.recorded.push({ text, values });
    }
  }

  /** What was sent since the last time. */
  take(): RecordedStatement[] {
    const { recorded } = this;
    this.recorded = [];
    return recorded;
  }

  protected override writeLog(): void {
    // Only kept.
  }
}
