import { Module } from '@nestjs/common';
import { RequestTokenModule } from 'nestjs-request-token';

@Module({
  imports: [
    RequestTokenModule.forRoot({
      keys: [
        { alg: 'ES256', privateKey: process.env.NEW_KEY, kid: '2026' }, // signs
        { alg: 'HS256', secret: process.env.OLD_SECRET }, // still verifies links already sent
      ],
      baseUrl: 'https://example.com',
    }),
  ],
})
export class LinksModule {}
