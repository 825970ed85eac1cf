import type { IncomingMessage, ServerResponse } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppLogger } from './app-logger.js';
import { AppModule } from './app.module.js';
import { explainListenError, findPort, localAddress } from './config/address.js';
import type { AppConfig } from './config/app-config.js';
import type { AppDatabase } from './database/app-database.js';
import { openDatabase } from './database/open-database.js';
import { configurePages } from './pages/configure-pages.js';

/** How long requests may take to end once the app has been told to stop. */
const DRAIN_MS = 10_000;

export interface Newsletter {
  address: string;
  stop(): Promise<void>;
}

/** Starts the app: the database first and last, Nest in between. */
export async function startNewsletter(config: AppConfig): Promise<Newsletter> {
  const database = await openDatabase(config);
  try {
    config.PORT = await findPort(config);
    const app = await startNest(config, database);
    return {
      address: localAddress(config),
      stop: async () => {
        await stopNest(app);
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function startNest(config: AppConfig, database: AppDatabase): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.register(config, database), {
    logger: new AppLogger(),
    abortOnError: false,
  });
  try {
    configurePages(app);
    await app.listen(config.PORT, config.HOST);
    return app;
  } catch (error) {
    await app.close();
    throw explainListenError(error, config);
  }
}

/** Connections that are kept alive end with their next answer, or else a busy client would hold up the end. */
function endConnections(app: NestExpressApplication): void {
  app.getHttpServer().prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    response.setHeader('Connection', 'close');
  });
}

async function stopNest(app: NestExpressApplication): Promise<void> {
  endConnections(app);
  const impatience = setTimeout(() => app.getHttpServer().closeAllConnections(), DRAIN_MS);
  await app.close();
  clearTimeout(impatience);
}
