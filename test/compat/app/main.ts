import { type INestApplication, Module, VersioningType } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';
import { requestTokenMigrations } from 'nestjs-request-token';
import { DeskController } from './desk.controller.js';
import { LoginGuard } from './guards.js';
import { LinksController } from './links.controller.js';
import { REGISTRATIONS } from './registrations.js';
import { CreateUsers1700000000000, User } from './user.entity.js';

// A small app as somebody who has installed the package would write it. The specs compile it once per stack, on
// CommonJS and on ES modules; in the repository it is only type-checked.

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      entities: [User],
      autoLoadEntities: true,
      migrations: [CreateUsers1700000000000, ...requestTokenMigrations],
      migrationsRun: true,
      retryAttempts: 0,
    }),
    REGISTRATIONS[process.env.REGISTRATION ?? 'forRoot'](),
  ],
  controllers: [LinksController, DeskController],
  providers: [{ provide: APP_GUARD, useClass: LoginGuard }],
})
class AppModule {}

async function createApp(): Promise<INestApplication> {
  const options = { logger: ['error', 'warn'] as ('error' | 'warn')[] };
  return process.env.ADAPTER === 'fastify'
    ? NestFactory.create(AppModule, new FastifyAdapter(), options)
    : NestFactory.create(AppModule, new ExpressAdapter(), options);
}

async function main(): Promise<void> {
  const app = await createApp();
  app.setGlobalPrefix('api');
  app.enableVersioning({ type: VersioningType.URI });
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  process.stdout.write(`listening at ${await app.getUrl()}\n`);
}

void main();
