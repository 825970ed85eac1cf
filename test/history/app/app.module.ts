import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RequestTokenModule } from 'nestjs-request-token';
import { LinksController } from './links.controller.js';
import { plantedProviders } from './plants/index.js';
import { TokensController } from './tokens.controller.js';

const { DATABASE_URL, REQUEST_TOKEN_SECRET, STATEMENT_TIMEOUT } = process.env;

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: DATABASE_URL,
      autoLoadEntities: true,
      // A process may start while PostgreSQL does.
      retryDelay: 100,
      retryAttempts: 50,
    }),
    RequestTokenModule.forRoot({
      keys: REQUEST_TOKEN_SECRET,
      baseUrl: 'https://example.com',
      statementTimeout: STATEMENT_TIMEOUT,
    }),
  ],
  controllers: [LinksController, TokensController],
  providers: plantedProviders,
})
export class AppModule {}
