import cookie from '@fastify/cookie';
import session from '@fastify/session';
import { All, Controller, Get, Module, Redirect, Req, UnauthorizedException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { RequestTokenModule, type RequestTokenSessions, UseRequestToken } from 'nestjs-request-token';
import { DataSource } from 'typeorm';
import { User } from '../../../support/user.entity.js';

declare module 'fastify' {
  interface Session {
    userId?: number;
  }
  interface FastifyRequest {
    user?: User | null;
  }
}

export const fastifySessions: RequestTokenSessions = {
  logIn: async (request: FastifyRequest, user: User) => {
    await request.session.regenerate(); // first: whoever knows the old id would be logged in, too
    request.session.userId = user.id;
  },
};

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
    RequestTokenModule.forRoot({
      keys: process.env.REQUEST_TOKEN_SECRET,
      baseUrl: 'https://example.com',
      users: { entity: User },
      sessions: fastifySessions,
    }),
  ],
  controllers: [AccountController],
})
export class AccountModule {}

/** In main.ts, before `app.listen()`. */
export async function configure(app: NestFastifyApplication): Promise<void> {
  await app.register(cookie);
  await app.register(session, {
    secret: process.env.SESSION_SECRET!,
    saveUninitialized: false,
    cookie: { secure: 'auto' }, // the default sends no cookie over http, as in development
  });
  const { manager } = app.get(DataSource);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('preHandler', async (request: FastifyRequest) => {
      const { userId } = request.session;
      if (userId !== undefined) request.user = await manager.findOneBy(User, { id: userId });
    });
}
