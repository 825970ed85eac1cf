import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';

const app = await NestFactory.create<NestExpressApplication>(AppModule, {
  logger: ['warn', 'error', 'fatal'],
  // Clients that keep their connections busy would hold up the shutdown for ever.
  return503OnClosing: true,
});
app.enableShutdownHooks([], { useProcessExit: true });
await app.listen(0, '127.0.0.1');
process.stdout.write(`listening at ${await app.getUrl()}\n`);
