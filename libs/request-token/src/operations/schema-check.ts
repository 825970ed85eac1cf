import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LOG_CONTEXT, REQUEST_TOKEN_DATA_SOURCE } from '../common/constants.js';
import { summarizeThrown } from '../common/thrown.js';
import { isNotAccepted } from '../database/database-errors.js';
import { Encoding } from '../database/encoding.js';
import { PreparedQueries } from '../database/prepared-queries.js';
import { type Ask, Requirement } from '../database/requirement.js';
import { KnownEntities } from '../entities/known-entities.js';
import { SchemaError } from '../entities/schema-error.js';
import { NEEDED_TABLES } from './needed-tables.js';
import { type CatalogRow, problemsOf, type SchemaProblem, SELECT_CATALOG } from './schema-problems.js';

/**
 * Whether the database has the tables and columns of this version. It is asked when everything else of the app has
 * started, and before it listens, so that whatever makes tables comes first. Where there is no answer by then, as
 * with a DataSource that is initialized later, the first statement asks.
 */
@Injectable()
export class SchemaCheck implements OnApplicationBootstrap {
  private readonly logger = new Logger(LOG_CONTEXT);

  constructor(
    @Inject(REQUEST_TOKEN_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly entities: KnownEntities,
    private readonly queries: PreparedQueries,
    private readonly encoding: Encoding,
    requirement: Requirement,
  ) {
    requirement.is((ask) => this.assertSchema(ask));
  }

  /** @throws SchemaError that names what is missing, and what to do about it */
  async onApplicationBootstrap(): Promise<void> {
    if (!this.dataSource.isInitialized) return;
    try {
      await this.queries.assertRunnable();
    } catch (error) {
      if (error instanceof SchemaError) throw error;
      // A database that is gone for a moment is no reason not to start.
      this.logger.warn(
        `The tables are checked at first use; now they could not be: ${summarizeThrown(error)}`,
      );
    }
  }

  private async assertSchema(ask: Ask): Promise<void> {
    const expected = NEEDED_TABLES.map(({ entity, migration, later }) => {
      const { table } = this.entities.rowsOf(entity);
      return { table, metadata: this.dataSource.getMetadata(entity), migration, later };
    });
    let rows: CatalogRow[];
    try {
      rows = await ask<CatalogRow>(SELECT_CATALOG, [expected.map(({ table }) => table)]);
    } catch (error) {
      if (!isNotAccepted(error)) throw error;
      this.logger.warn(`The database does not say which tables it has: ${summarizeThrown(error)}`);
      return;
    }
    this.encoding.is(rows[0].encoding);
    const problems = expected.flatMap((each) => problemsOf(each, rows));
    if (problems.length > 0) throw this.entities.problemOf(this.messageOf(problems));
  }

  private messageOf(problems: SchemaProblem[]): string {
    const lines = problems.map(({ text }) => `  - ${text}`);
    const missing = problems.flatMap(({ migrations }) => migrations);
    return [
      'RequestTokenModule: the database is not as this version needs it:',
      ...lines,
      ...(missing.length > 0 ? [this.remedyFor(missing)] : []),
    ].join('\n');
  }

  private remedyFor(missing: string[]): string {
    const known = this.dataSource.migrations.map(({ name, constructor }) => name ?? constructor.name);
    const run = 'run them before the app starts, or let it run them, with migrationsRun: true.';
    return missing.every((name) => known.includes(name))
      ? `The migrations of the DataSource have these: ${run}`
      : `Add the migrations to the DataSource, migrations: [...requestTokenMigrations], and ${run}`;
  }
}
