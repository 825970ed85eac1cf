import { Injectable, Logger } from '@nestjs/common';
import { LOG_CONTEXT } from '../common/constants.js';
import { summarizeThrown } from '../common/thrown.js';
import { isSyntaxError } from './database-errors.js';
import { PreparedQueries } from './prepared-queries.js';
import { plannedEachTime } from './statement.js';
import { StatementBounds } from './statement-bounds.js';

/** So few more rows change nothing. */
const FIRST_ROWS = 1_000;

/**
 * Has a table analyzed that this process has filled. The foreign key's own statement, which PostgreSQL prepares
 * for itself on each connection, may keep a plan from when the table was small, and reads all of it for each log
 * row; to analyze a table makes it plan anew. Autovacuum does that, too, after a minute or much later, and not
 * everywhere. Where somebody else analyzes or vacuums the table at the moment, that is left to them.
 */
@Injectable()
export class TableAnalysis {
  private readonly logger = new Logger(LOG_CONTEXT);
  private inserted = 0;
  private due = FIRST_ROWS;

  constructor(
    private readonly queries: PreparedQueries,
    private readonly bounds: StatementBounds,
  ) {}

  /** Behind the back of whoever inserts. Each time there have to be twice as many rows. */
  afterInsert(table: string, rows: number): void {
    this.inserted += rows;
    if (this.inserted < this.due) return;
    this.due = 2 * this.inserted;
    void this.analyze(table);
  }

  /** Whose role does not own the table is only warned by PostgreSQL. */
  private async analyze(table: string): Promise<void> {
    try {
      await this.run(`ANALYZE (SKIP_LOCKED) ${table}`).catch((error: unknown) => {
        // PostgreSQL before 12 cannot skip it.
        if (!isSyntaxError(error)) throw error;
        return this.run(`ANALYZE ${table}`);
      });
    } catch (error) {
      this.logger.warn(`${table} could not be analyzed: ${summarizeThrown(error)}`);
    }
  }

  /** For no longer than a reader waits, who may need the connection: it may be the only one. */
  private run(sql: string): Promise<unknown[]> {
    return this.queries.run(
      { statement: plannedEachTime(sql), values: [] },
      { deadline: this.bounds.soon() },
    );
  }
}
