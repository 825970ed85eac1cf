import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication, LoggerService } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RequestToken, TokenService } from 'nestjs-request-token';
import { requestTokenTesting } from 'nestjs-request-token/testing';
import { DataSource } from 'typeorm';
import { type AdapterName, createApp } from './adapters.js';
import { createDatabase } from './database.js';
import { SECRET } from './test-app.js';
import { User } from './user.entity.js';

type Recipe = typeof import('../e2e/docs/front-end/api.js');

const FILES = new URL('../e2e/docs/front-end/', import.meta.url);
const TYPES: Record<string, string> = { html: 'text/html', js: 'text/javascript' };

/** The recipe of docs/front-end.md: a server of static files, and the API that its page calls, on ports of their own. */
export class FrontEnd {
  /** What an access log would have. */
  readonly log: string[] = [];

  private constructor(
    private readonly server: Server,
    private readonly apiPort: number,
    readonly url: string,
    private readonly recipe: Recipe,
  ) {}

  static async open(): Promise<FrontEnd> {
    const [server, other] = await Promise.all([listening(), listening()]);
    // The API needs to know its address before it starts.
    const apiPort = portOf(other);
    await new Promise((resolve) => other.close(resolve));
    const url = `http://localhost:${portOf(server)}`;
    Object.assign(process.env, {
      API_URL: `http://localhost:${apiPort}`,
      FRONT_END_URL: url,
      REQUEST_TOKEN_SECRET: SECRET,
    });
    const frontEnd = new FrontEnd(server, apiPort, url, await import('../e2e/docs/front-end/api.js'));
    server.on('request', ({ url = '', headers }, response) => {
      frontEnd.log.push(`${url} ${JSON.stringify(headers)}`);
      const name = new URL(url, frontEnd.url).pathname.slice(1);
      void readFile(new URL(name, FILES), 'utf8').then(
        (text) => {
          response.setHeader('Content-Type', TYPES[name.split('.')[1]]);
          response.end(text.replace('http://localhost:3000', `http://localhost:${apiPort}`));
        },
        () => response.writeHead(404).end(),
      );
    });
    return frontEnd;
  }

  async startApi(adapter: AdapterName) {
    const { NewsletterModule, Mailings, configure } = this.recipe;
    const database = await createDatabase();
    const moduleRef = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: database.url,
          entities: [User],
          autoLoadEntities: true,
          synchronize: true,
          retryAttempts: 0,
        }),
        NewsletterModule,
      ],
    }).compile();
    const log: string[] = [];
    const write = (message: unknown) => void log.push(String(message));
    const logger: LoggerService = { log: write, warn: write, error: write };
    const app: INestApplication = createApp(adapter, moduleRef, { logger, trustProxy: false });
    configure(app);
    await app.listen(this.apiPort, 'localhost');
    const { manager } = app.get(DataSource);
    return {
      /** What it has logged. */
      log,
      url: `http://localhost:${this.apiPort}`,
      ann: await manager.save(User, { name: 'Ann' }),
      mailings: app.get(Mailings),
      tokens: app.get(TokenService),
      kit: requestTokenTesting(app),
      useCount: async (id: string) => (await manager.findOneByOrFail(RequestToken, { id })).useCount,
      close: async () => {
        await app.close();
        await database.drop();
      },
    };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function listening(): Promise<Server> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
