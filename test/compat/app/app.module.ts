import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
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
export class AppModule {}
