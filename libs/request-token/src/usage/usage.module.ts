import { type DynamicModule, Module } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { RequestToken } from '../entities/request-token.entity.js';
import { RequestTokenLog } from '../entities/request-token-log.entity.js';
import { REQUEST_TOKEN_DATA_SOURCE } from '../request-token.constants.js';
import { ConnectionErrors } from '../database/connection-errors.js';
import { Connections } from '../database/connections.js';
import { PreparedQueries } from '../database/prepared-queries.js';
import { PrimaryReads } from '../database/primary-reads.js';
import { StatementBounds } from '../database/statement-bounds.js';
import { TableAnalysis } from '../database/table-analysis.js';
import { ClaimQueue } from './claim-queue.js';
import { PendingReleaser } from './pending-releaser.js';
import { RefusalLog } from './refusal-log.js';
import { SettlementQueue } from './settlement-queue.js';
import { UsageService } from './usage.service.js';
import { UsageStore } from './usage.store.js';

/**
 * The part that talks to the database. It is never global, and that matters at shutdown: Nest ends
 * global modules last, and among them TypeORM's, so uses are drained while there still is a DataSource.
 */
@Module({})
export class UsageModule {
  static register(dataSource: string | undefined): DynamicModule {
    return {
      module: UsageModule,
      imports: [TypeOrmModule.forFeature([RequestToken, RequestTokenLog], dataSource)],
      providers: [
        { provide: REQUEST_TOKEN_DATA_SOURCE, useExisting: getDataSourceToken(dataSource) },
        ConnectionErrors,
        Connections,
        StatementBounds,
        PreparedQueries,
        PrimaryReads,
        TableAnalysis,
        UsageStore,
        PendingReleaser,
        ClaimQueue,
        SettlementQueue,
        RefusalLog,
        UsageService,
      ],
      exports: [
        REQUEST_TOKEN_DATA_SOURCE,
        PreparedQueries,
        PrimaryReads,
        StatementBounds,
        TableAnalysis,
        UsageStore,
        PendingReleaser,
        UsageService,
      ],
    };
  }
}
