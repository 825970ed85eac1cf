import { All, Body, Controller, Get, HttpCode, type INestApplication, Injectable } from '@nestjs/common';
import { Logger, Module, Post, Redirect, Req, UnauthorizedException } from '@nestjs/common';
import { PassportModule, PassportSerializer } from '@nestjs/passport';
import session from 'express-session';
import { passportSessions, RequestTokenModule, route } from 'nestjs-request-token';
import { TokenService, UseRequestToken } from 'nestjs-request-token';
import passport from 'passport';
import { DataSource } from 'typeorm';
import { Mailer, MailerModule } from './mailer.js';
import { Subscriber } from './subscriber.entity.js';

@Controller()
export class AccountController {
  @All('sign-in')
  @UseRequestToken({ scope: 'sign-in', required: false, confirm: true })
  @Redirect('/account', 303)
  signIn() {} // the browser comes here without a token, logged in

  @Get('account')
  account(@Req() { user }: { user?: Subscriber }) {
    if (!user) throw new UnauthorizedException();
    return `Hello, ${user.name}.`;
  }
}

@Controller('sign-in-link')
export class SignInLinkController {
  private readonly logger = new Logger(SignInLinkController.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: TokenService,
    private readonly mailer: Mailer,
  ) {}

  /** Says the same whatever happens, and as soon: who has an account is nobody else's business. */
  @Post()
  @HttpCode(202)
  ask(@Body('email') email: unknown) {
    void this.send(String(email)).catch((error: unknown) => this.logger.error(error));
    return 'Look into your mailbox.';
  }

  private async send(email: string): Promise<void> {
    const user = await this.dataSource.manager.findOneBy(Subscriber, { email });
    if (!user) return;
    const target = route(AccountController, 'signIn');
    const { url } = await this.tokens.issue({ user, target, loginMode: 'session' }); // good for 10 minutes
    await this.mailer.send({ to: email, subject: 'Sign in', html: `<a href="${url}">Sign in</a>` });
  }
}

@Injectable()
export class SessionSerializer extends PassportSerializer {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  serializeUser(user: Subscriber, done: (error: unknown, id?: number) => void): void {
    done(null, user.id);
  }

  deserializeUser(id: number, done: (error: unknown, user?: Subscriber | false) => void): void {
    const find = this.dataSource.manager.findOneBy(Subscriber, { id });
    find.then((user) => done(null, user ?? false), done);
  }
}

@Module({
  imports: [
    MailerModule,
    PassportModule.register({ session: true }),
    RequestTokenModule.forRoot({
      keys: process.env.REQUEST_TOKEN_SECRET,
      baseUrl: 'https://example.com',
      users: { entity: Subscriber },
      sessions: passportSessions,
    }),
  ],
  controllers: [AccountController, SignInLinkController],
  providers: [SessionSerializer],
})
export class AccountModule {}

/** In main.ts, before `app.listen()`. */
export function configure(app: INestApplication): void {
  app.use(session({ secret: process.env.SESSION_SECRET!, resave: false, saveUninitialized: false }));
  app.use(passport.session());
}
