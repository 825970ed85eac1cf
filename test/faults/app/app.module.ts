import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RequestTokenModule } from 'nestjs-request-token';
import type { Client, PoolConfig } from 'pg';
import { Bell } from './bell.js';
import { LinksController } from './links.controller.js';
import { PlainController } from './plain.controller.js';

/**
 * A connection that is cut with its very first bytes would crash the app: the pool has stopped to listen for
 * errors of it then, and TypeORM has not yet begun to.
 */
const surviveEarlyCut = (client: Client) => void client.on('error', () => undefined);

const { DATABASE_URL, POOL_OPTIONS = '{}', REQUEST_TOKEN_SECRET } = process.env;

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: DATABASE_URL,
      autoLoadEntities: true,
      // As they are to pg itself.
      extra: { ...(JSON.parse(POOL_OPTIONS) as PoolConfig), onConnect: surviveEarlyCut },
    }),
    RequestTokenModule.forRoot({ keys: REQUEST_TOKEN_SECRET, baseUrl: 'https://example.com' }),
  ],
  controllers: [LinksController, PlainController],
  providers: [Bell],
})
export class AppModule {}
