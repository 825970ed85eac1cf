import { NestFactory } from '@nestjs/core';
import { NewsletterModule, ROUTES } from './newsletter.module.js';

async function serve() {
  const app = await NestFactory.create(NewsletterModule);
  app.setGlobalPrefix(ROUTES.globalPrefix);
  app.enableVersioning(ROUTES.versioning);
  app.enableShutdownHooks();
  await app.listen(process.env.PORT ?? 3000);
}

void serve();
