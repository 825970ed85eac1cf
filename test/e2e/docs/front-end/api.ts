import { All, Controller, type INestApplication, Injectable, Logger, Module, Req } from '@nestjs/common';
import { redactRequestTokens, RequestTokenModule, route } from 'nestjs-request-token';
import { TokenService, UseRequestToken } from 'nestjs-request-token';
import { User } from '../../../support/user.entity.js';

const { API_URL = 'http://localhost:3000', FRONT_END_URL = 'http://localhost:5173' } = process.env;

@Controller('newsletter')
export class NewsletterController {
  @All('unsubscribe')
  @UseRequestToken({
    scope: 'unsubscribe',
    confirm: ({ user }) => ({
      title: `Unsubscribe ${(user as User).name}?`,
      message: 'You will get no more mail from us.',
      button: 'Unsubscribe',
    }),
  })
  unsubscribe(@Req() { user }: { user: User }) {
    // … and here the user is unsubscribed.
    return { title: 'Done', message: `Good-bye, ${user.name}.` };
  }
}

@Injectable()
export class Mailings {
  constructor(private readonly tokens: TokenService) {}

  async unsubscribeLink(user: User) {
    const issued = await this.tokens.issue({
      user,
      target: route(NewsletterController, 'unsubscribe'), // what the token opens: a route of the API
      page: `${FRONT_END_URL}/unsubscribe.html`, // where the link leads: a page of the front end
      place: 'fragment', // …/unsubscribe.html#rt=eyJ…
      maxUses: null, // mail programs repeat what they post
      expiresIn: '90d',
    });
    return { url: issued.url, headers: this.tokens.listUnsubscribe(issued) };
  }
}

@Module({
  imports: [
    RequestTokenModule.forRoot({
      keys: process.env.REQUEST_TOKEN_SECRET,
      baseUrl: API_URL,
      frontends: [FRONT_END_URL], // where links may lead
      users: { entity: User },
    }),
  ],
  controllers: [NewsletterController],
  providers: [Mailings],
})
export class NewsletterModule {}

/** In main.ts, before `app.listen()`. */
export function configure(app: INestApplication): void {
  const logger = new Logger('HTTP');
  app.use(({ method, url }: { method: string; url: string }, _: unknown, next: () => void) => {
    logger.log(`${method} ${redactRequestTokens(url)}`); // an access log without links that still work
    next();
  });
  app.enableCors({ origin: [FRONT_END_URL] }); // who may read the answers
}
