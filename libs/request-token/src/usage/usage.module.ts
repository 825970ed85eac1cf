import { type DynamicModule, Module } from '@nestjs/common';
import { KnownEntities } from '../entities/known-entities.js';
import { PendingReleaser } from './pending-releaser.js';
import { RefusalLog } from './refusal-log.js';
import { SettlementQueue } from './settlement-queue.js';
import { UsageService } from './usage.service.js';
import { UsageStore } from './usage.store.js';
import { UseQueue } from './use-queue.js';

/**
 * Takes uses, and settles them behind answers. It is never global, and that matters at shutdown: Nest ends
 * global modules last, and among them TypeORM's, so uses are drained while there still is a DataSource.
 */
@Module({})
export class UsageModule {
  static register(database: DynamicModule): DynamicModule {
    return {
      module: UsageModule,
      imports: [database],
      providers: [
        KnownEntities,
        UsageStore,
        PendingReleaser,
        UseQueue,
        SettlementQueue,
        RefusalLog,
        UsageService,
      ],
      exports: [KnownEntities, UsageStore, PendingReleaser, UsageService],
    };
  }
}
