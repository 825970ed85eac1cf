import { All, Controller, Get, type INestApplication, Injectable, Module } from '@nestjs/common';
import { Redirect, Req, UnauthorizedException } from '@nestjs/common';
import { PassportModule, PassportSerializer } from '@nestjs/passport';
import session from 'express-session';
import { passportSessions, RequestTokenModule, UseRequestToken } from 'nestjs-request-token';
import passport from 'passport';
import { DataSource } from 'typeorm';
import { User } from '../../../support/user.entity.js';

@Injectable()
export class SessionSerializer extends PassportSerializer {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  serializeUser(user: User, done: (error: unknown, id?: number) => void): void {
    done(null, user.id);
  }

  deserializeUser(id: number, done: (error: unknown, user?: User | false) => void): void {
    this.dataSource.manager.findOneBy(User, { id }).then((user) => done(null, user ?? false), done);
  }
}

@Controller()
export class AccountController {
  @All('sign-in')
  @UseRequestToken({ scope: 'sign-in', required: false, confirm: true })
  @Redirect('/account', 303)
  signIn() {} // the browser comes here without a token, logged in

  @Get('account')
  account(@Req() { user }: { user?: User }) {
    if (!user) throw new UnauthorizedException();
    return `Hello, ${user.name}.`;
  }
}

@Module({
  imports: [
    PassportModule.register({ session: true }),
    RequestTokenModule.forRoot({
      keys: process.env.REQUEST_TOKEN_SECRET,
      baseUrl: 'https://example.com',
      users: { entity: User },
      sessions: passportSessions,
    }),
  ],
  controllers: [AccountController],
  providers: [SessionSerializer],
})
export class AccountModule {}

/** In main.ts, before `app.listen()`. */
export function configure(app: INestApplication): void {
  app.use(session({ secret: process.env.SESSION_SECRET!, resave: false, saveUninitialized: false }));
  app.use(passport.session());
}
