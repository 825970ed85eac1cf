import type { INestApplication, LoggerService } from '@nestjs/common';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { TestingModule } from '@nestjs/testing';

interface AdapterOptions {
  logger: LoggerService | false;
  /** Whether `X-Forwarded-For` is believed. */
  trustProxy: boolean;
  /** Options of Fastify, or settings of Express. */
  options?: Record<string, unknown>;
}

/** The HTTP platforms that e2e specs run on. */
const ADAPTERS = {
  express: (
    moduleRef: TestingModule,
    { logger, trustProxy, options = {} }: AdapterOptions,
  ): INestApplication => {
    const app = moduleRef.createNestApplication<NestExpressApplication>(new ExpressAdapter(), { logger });
    app.set('trust proxy', trustProxy);
    for (const [name, value] of Object.entries(options)) app.set(name, value);
    return app;
  },
  fastify: (moduleRef: TestingModule, { logger, trustProxy, options }: AdapterOptions): INestApplication =>
    moduleRef.createNestApplication(new FastifyAdapter({ trustProxy, ...options }), { logger }),
};

export type AdapterName = keyof typeof ADAPTERS;

/** For `describe.each`. */
export const ADAPTER_NAMES = Object.keys(ADAPTERS) as AdapterName[];

export const createApp = (name: AdapterName, moduleRef: TestingModule, options: AdapterOptions) =>
  ADAPTERS[name](moduleRef, options);
