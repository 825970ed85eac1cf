import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RequestTokenModule } from 'nestjs-request-token';
import type { PoolConfig } from 'pg';
import { Bell } from './bell.js';
import { LinksController } from './links.controller.js';
import { PlainController } from './plain.controller.js';

const {
  DATABASE_URL,
  REPLICA_URL,
  POOL_OPTIONS = '{}',
  REQUEST_TOKEN_SECRET,
  STATEMENT_TIMEOUT,
} = process.env;

const place = REPLICA_URL
  ? { replication: { master: { url: DATABASE_URL }, slaves: [{ url: REPLICA_URL }] } }
  : { url: DATABASE_URL };

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      ...place,
      autoLoadEntities: true,
      // As they are to pg itself.
      extra: JSON.parse(POOL_OPTIONS) as PoolConfig,
    }),
    RequestTokenModule.forRoot({
      keys: REQUEST_TOKEN_SECRET,
      baseUrl: 'https://example.com',
      ...(STATEMENT_TIMEOUT && { statementTimeout: STATEMENT_TIMEOUT }),
    }),
  ],
  controllers: [LinksController, PlainController],
  providers: [Bell],
})
export class AppModule {}
