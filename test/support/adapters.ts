import type { INestApplication } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { TestingModule } from '@nestjs/testing';

/** The HTTP platforms that every e2e spec runs on. */
export const ADAPTERS = {
  express: (moduleRef: TestingModule): INestApplication =>
    moduleRef.createNestApplication(new ExpressAdapter(), { logger: false }),
};

export type AdapterName = keyof typeof ADAPTERS;
