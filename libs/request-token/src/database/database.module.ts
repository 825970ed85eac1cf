import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { REQUEST_TOKEN_DATA_SOURCE } from '../common/constants.js';
import { ConnectionErrors } from './connection-errors.js';
import { Connections } from './connections.js';
import { Encoding } from './encoding.js';
import { PreparedQueries } from './prepared-queries.js';
import { PrimaryReads } from './primary-reads.js';
import { Requirement } from './requirement.js';
import { StatementBounds } from './statement-bounds.js';
import { TableAnalysis } from './table-analysis.js';

/** The app's database, for whoever has statements to send. */
@Module({})
export class DatabaseModule {
  /** @param dataSource its name; the default one if there is none */
  static register(entities: Type<object>[], dataSource: string | undefined): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [TypeOrmModule.forFeature(entities, dataSource)],
      providers: [
        { provide: REQUEST_TOKEN_DATA_SOURCE, useExisting: getDataSourceToken(dataSource) },
        ConnectionErrors,
        Connections,
        Encoding,
        StatementBounds,
        PreparedQueries,
        PrimaryReads,
        Requirement,
        TableAnalysis,
      ],
      exports: [
        REQUEST_TOKEN_DATA_SOURCE,
        Encoding,
        PreparedQueries,
        PrimaryReads,
        Requirement,
        StatementBounds,
        TableAnalysis,
      ],
    };
  }
}
