import { All, Controller, Module, Req, VersioningType } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RequestTokenModule, type RequestTokenRoutesOptions } from 'nestjs-request-token';
import { requestTokenMigrations, UseRequestToken } from 'nestjs-request-token';
import { User } from './user.entity.js';

/** What the API says in main.ts, and the worker cannot see. */
export const ROUTES = {
  globalPrefix: 'api',
  versioning: { type: VersioningType.URI, defaultVersion: '1' },
} satisfies RequestTokenRoutesOptions;

@Controller('newsletter')
export class NewsletterController {
  @All('unsubscribe')
  @UseRequestToken({ scope: 'unsubscribe', confirm: true })
  unsubscribe(@Req() { user }: { user: User }) {
    return `Good-bye, ${user.name}.`;
  }
}

/** Imported by the API and by the worker, so that both have the same secret, baseUrl and routes. */
@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      entities: [User],
      autoLoadEntities: true,
      migrations: requestTokenMigrations, // next to your own
    }),
    RequestTokenModule.forRoot({
      keys: process.env.REQUEST_TOKEN_SECRET,
      baseUrl: process.env.PUBLIC_URL, // where readers reach the API
      users: { entity: User },
      routes: ROUTES,
    }),
  ],
  controllers: [NewsletterController],
})
export class NewsletterModule {}
