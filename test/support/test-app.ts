import type { AddressInfo } from 'node:net';
import type { INestApplication, LoggerService, ModuleMetadata, Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import {
  RequestToken,
  RequestTokenLog,
  RequestTokenRevocation,
  RequestTokenStatistic,
  type RequestTokenModuleExtras,
  RequestTokenModule,
  type RequestTokenModuleOptions,
  TokenService,
} from 'nestjs-request-token';
import { type RequestTokenTesting, requestTokenTesting } from 'nestjs-request-token/testing';
import request from 'supertest';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { type AdapterName, createApp } from './adapters.js';
import { createDatabase, type TestDatabase } from './database.js';

export const SECRET = 'a secret for tests that has more than 32 bytes';

export interface TestAppOptions extends ModuleMetadata {
  adapter?: AdapterName;
  /** Options of RequestTokenModule; keys and base URL are given. */
  token?: Partial<RequestTokenModuleOptions> & RequestTokenModuleExtras;
  entities?: Type<object>[];
  dataSource?: Partial<DataSourceOptions>;
  /** Imported before the module. */
  importsFirst?: NonNullable<ModuleMetadata['imports']>;
  /** Imports the module before TypeOrmModule. */
  tokenModuleFirst?: boolean;
  /** An existing database, which is then left alone. */
  databaseUrl?: string;
  logger?: LoggerService;
  /** Whether `X-Forwarded-For` is believed. */
  trustProxy?: boolean;
  /** Options of Fastify, or settings of Express. */
  adapterOptions?: Record<string, unknown>;
  /** Last changes before the app starts to listen. */
  configure?: (app: INestApplication) => void;
}

/** A Nest app with the module, listening on a free port, on a database of its own. */
export class TestApp {
  readonly kit: RequestTokenTesting;

  private constructor(
    readonly app: INestApplication,
    readonly dataSource: DataSource,
    private readonly database: TestDatabase | undefined,
  ) {
    this.kit = requestTokenTesting(app);
  }

  static async start({
    adapter = 'express',
    token,
    entities = [],
    dataSource,
    databaseUrl,
    importsFirst = [],
    tokenModuleFirst = false,
    logger,
    trustProxy = false,
    adapterOptions,
    configure,
    ...metadata
  }: TestAppOptions): Promise<TestApp> {
    const database = databaseUrl === undefined ? await createDatabase() : undefined;
    const modules = [
      TypeOrmModule.forRoot({
        type: 'postgres',
        url: databaseUrl ?? database?.url,
        entities: [RequestToken, RequestTokenLog, RequestTokenRevocation, RequestTokenStatistic, ...entities],
        synchronize: true,
        retryAttempts: 0,
        ...dataSource,
      } as TypeOrmModuleOptions),
      RequestTokenModule.forRoot({ keys: SECRET, baseUrl: 'https://example.com', ...token }),
    ];
    if (tokenModuleFirst) modules.reverse();
    const moduleRef = await Test.createTestingModule({
      ...metadata,
      imports: [...importsFirst, ...modules, ...(metadata.imports ?? [])],
    }).compile();
    const app = createApp(adapter, moduleRef, {
      logger: logger ?? false,
      trustProxy,
      options: adapterOptions,
    });
    const testApp = new TestApp(app, moduleRef.get(DataSource), database);
    try {
      configure?.(app);
      await app.listen(0, '127.0.0.1');
      return testApp;
    } catch (error) {
      await testApp.close();
      throw error;
    }
  }

  get tokens(): TokenService {
    return this.app.get(TokenService);
  }

  get port(): number {
    return (this.app.getHttpServer() as { address(): AddressInfo }).address().port;
  }

  get http() {
    return request(`http://127.0.0.1:${this.port}`);
  }

  /** The path and query of a link, to be asked of this app. */
  get(link: string) {
    return this.http.get(pathOf(link));
  }

  row(id: string): Promise<RequestToken> {
    return this.dataSource.manager.findOneByOrFail(RequestToken, { id });
  }

  /** How many uses are taken of a token, whether its row is there yet or not. */
  async uses(id: string): Promise<number> {
    const row = await this.dataSource.manager.findOneBy(RequestToken, { id });
    return row?.useCount ?? 0;
  }

  logs(tokenId: string): Promise<RequestTokenLog[]> {
    return this.dataSource.manager.find(RequestTokenLog, {
      where: { tokenId },
      order: { startedAt: 'ASC', id: 'ASC' },
    });
  }

  /** The log once so many attempts are settled, because settling goes on behind the response. */
  async settledLogs(tokenId: string, count = 1): Promise<RequestTokenLog[]> {
    await this.kit.settled();
    const logs = await this.logs(tokenId);
    const settled = attemptsIn(logs.filter(({ outcome }) => outcome !== 'pending'));
    if (settled < count) throw new Error(`${settled} of ${count} attempts are settled`);
    return logs;
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.database?.drop();
  }
}

/** How many attempts these log rows stand for. */
export const attemptsIn = (logs: RequestTokenLog[]): number =>
  logs.reduce((sum, { repeats }) => sum + repeats, 0);

/** Path and query of a link. */
export function pathOf(link: string): string {
  const { pathname, search } = new URL(link);
  return pathname + search;
}
