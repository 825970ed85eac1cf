import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RequestTokenModule } from 'nestjs-request-token';
import type { PoolConfig } from 'pg';
import { Bell } from './bell.js';
import { LinksController } from './links.controller.js';
import { PlainController } from './plain.controller.js';

const { DATABASE_URL, POOL_OPTIONS = '{}', REQUEST_TOKEN_SECRET } = process.env;

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: DATABASE_URL,
      autoLoadEntities: true,
      // As they are to pg itself.
      extra: JSON.parse(POOL_OPTIONS) as PoolConfig,
    }),
    RequestTokenModule.forRoot({ keys: REQUEST_TOKEN_SECRET, baseUrl: 'https://example.com' }),
  ],
  controllers: [LinksController, PlainController],
  providers: [Bell],
})
export class AppModule {}
