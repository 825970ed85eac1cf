import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { NewsletterModule, ROUTES } from './newsletter.module.js';

async function serve() {
  const app = await NestFactory.create(NewsletterModule, new FastifyAdapter());
  app.setGlobalPrefix(ROUTES.globalPrefix);
  app.enableVersioning(ROUTES.versioning);
  app.enableShutdownHooks();
  await app.listen(process.env.PORT ?? 3000);
}

void serve();
