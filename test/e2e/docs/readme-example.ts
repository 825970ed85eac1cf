import { All, Controller, Injectable, Module, Req } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RequestTokenModule, requestTokenMigrations, route } from 'nestjs-request-token';
import { TokenService, UseRequestToken } from 'nestjs-request-token';
import { User } from '../../support/user.entity.js';

@Controller('newsletter')
export class NewsletterController {
  @All('unsubscribe')
  @UseRequestToken({ scope: 'unsubscribe', confirm: true }) // GET asks, a click acts
  unsubscribe(@Req() request: { user: User }) {
    return `Good-bye, ${request.user.name}.`; // whoever the link was issued for
  }
}

@Injectable()
export class Mailings {
  constructor(private readonly tokens: TokenService) {}

  async unsubscribeLink(user: User): Promise<string> {
    const target = route(NewsletterController, 'unsubscribe');
    const { url } = await this.tokens.issue({ user, target, expiresIn: '90d', maxUses: null });
    return url; // https://example.com/newsletter/unsubscribe?rt=eyJ…
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      entities: [User],
      autoLoadEntities: true, // the module brings RequestToken and RequestTokenLog
      migrations: requestTokenMigrations, // next to your own
      migrationsRun: true,
    }),
    RequestTokenModule.forRoot({
      keys: process.env.REQUEST_TOKEN_SECRET, // openssl rand -base64 48
      baseUrl: 'https://example.com',
      users: { entity: User },
    }),
  ],
  controllers: [NewsletterController],
  providers: [Mailings],
})
export class AppModule {}
