import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RequestTokenModule } from 'nestjs-request-token';
import { LinksController } from './links.controller.js';
import { PlainController } from './plain.controller.js';

const { DATABASE_URL, DATA_SOURCE_OPTIONS = '{}', REQUEST_TOKEN_SECRET } = process.env;

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: DATABASE_URL,
      autoLoadEntities: true,
      ...(JSON.parse(DATA_SOURCE_OPTIONS) as object),
    }),
    RequestTokenModule.forRoot({ keys: REQUEST_TOKEN_SECRET, baseUrl: 'https://example.com' }),
  ],
  controllers: [LinksController, PlainController],
})
export class AppModule {}
