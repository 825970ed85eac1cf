import type { INestApplication, LoggerService } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { TestingModule } from '@nestjs/testing';

/** The HTTP platforms that every e2e spec runs on. */
export const ADAPTERS = {
  express: (moduleRef: TestingModule, logger: LoggerService | false): INestApplication =>
    moduleRef.createNestApplication(new ExpressAdapter(), { logger }),
};

export type AdapterName = keyof typeof ADAPTERS;
