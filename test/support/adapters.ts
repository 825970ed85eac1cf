import type { INestApplication, LoggerService } from '@nestjs/common';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { TestingModule } from '@nestjs/testing';

interface AdapterOptions {
  logger: LoggerService | false;
  /** Whether `X-Forwarded-For` is believed. */
  trustProxy: boolean;
}

/** The HTTP platforms that e2e specs run on. */
const ADAPTERS = {
  express: (moduleRef: TestingModule, { logger, trustProxy }: AdapterOptions): INestApplication => {
    const app = moduleRef.createNestApplication<NestExpressApplication>(new ExpressAdapter(), { logger });
    app.set('trust proxy', trustProxy);
    return app;
  },
  fastify: (moduleRef: TestingModule, { logger, trustProxy }: AdapterOptions): INestApplication =>
    moduleRef.createNestApplication(new FastifyAdapter({ trustProxy }), { logger }),
};

export type AdapterName = keyof typeof ADAPTERS;

/** For `describe.each`. */
export const ADAPTER_NAMES = Object.keys(ADAPTERS) as AdapterName[];

export const createApp = (name: AdapterName, moduleRef: TestingModule, options: AdapterOptions) =>
  ADAPTERS[name](moduleRef, options);
