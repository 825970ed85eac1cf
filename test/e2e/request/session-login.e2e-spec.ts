import { request as httpRequest } from 'node:http';
import fastifyCookie from '@fastify/cookie';
import { Authenticator } from '@fastify/passport';
import fastifySession from '@fastify/session';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, type INestApplication, Req, UseGuards } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import session from 'express-session';
import {
  passportSessions,
  type RequestTokenRequest,
  type RequestTokenSessions,
  UseRequestToken,
} from 'nestjs-request-token';
import passport from 'passport';
import request from 'supertest';
import { LoginRequired } from '../../support/login-required.guard.js';
import { LogKeeper } from '../../support/log-keeper.js';
import type { AdapterName } from '../../support/adapters.js';
import { SECRET, TestApp } from '../../support/test-app.js';

@Controller()
class AccountController {
  @All('sign-in')
  @UseRequestToken({ scope: 'sign-in', required: false, confirm: true })
  @UseGuards(LoginRequired)
  signIn(@Req() { user }: RequestTokenRequest) {
    return user;
  }

  @Get('direct')
  @UseRequestToken({ scope: 'sign-in', required: false, direct: true })
  direct(@Req() { user }: RequestTokenRequest) {
    return { user: user ?? null };
  }

  @All(':locale/sign-in')
  @UseRequestToken({ scope: 'sign-in', required: false, confirm: true })
  localized(@Req() { user }: RequestTokenRequest) {
    return user;
  }

  @Get('account')
  @UseGuards(LoginRequired)
  account(@Req() { user }: RequestTokenRequest) {
    return user;
  }
}

/** As no browser would send it. */
const rawPost = (port: number, path: string): Promise<{ status?: number; location?: string }> =>
  new Promise((resolve, reject) => {
    httpRequest({ port, host: '127.0.0.1', method: 'POST', path }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, location: response.headers.location });
    })
      .on('error', reject)
      .end();
  });

interface FastifyRequest extends RequestTokenRequest {
  session: {
    regenerate(): Promise<void>;
    set(name: string, value: unknown): void;
    get(name: string): unknown;
  };
}

/** An adapter as an app on Fastify would write it. */
const fastifySessions: RequestTokenSessions = {
  logIn: async (request, user) => {
    const { session: current } = request as FastifyRequest;
    await current.regenerate();
    (request as FastifyRequest).session.set('user', user);
  },
};

function expressSession(app: INestApplication): void {
  const strategies = new passport.Passport();
  strategies.serializeUser((user, done) => done(null, user));
  strategies.deserializeUser((user: Express.User, done) => done(null, user));
  app.use(session({ secret: SECRET, resave: false, saveUninitialized: true }));
  app.use(strategies.session());
}

function fastifySessionOf(app: INestApplication): void {
  const fastify = app as NestFastifyApplication;
  void fastify.register(fastifyCookie);
  void fastify.register(fastifySession, { secret: SECRET, cookie: { secure: false } });
  fastify
    .getHttpAdapter()
    .getInstance()
    .addHook('preHandler', (req, _reply, done) => {
      const known = req as unknown as FastifyRequest;
      known.user = known.session.get('user');
      done();
    });
}

function fastifyPassport(app: INestApplication, serialize = (user: unknown) => Promise.resolve(user)): void {
  const fastify = app as NestFastifyApplication;
  const authenticator = new Authenticator();
  authenticator.registerUserSerializer(serialize);
  authenticator.registerUserDeserializer((user: unknown) => Promise.resolve(user));
  void fastify.register(fastifyCookie);
  void fastify.register(fastifySession, { secret: SECRET, cookie: { secure: false } });
  void fastify.register(authenticator.initialize());
  void fastify.register(authenticator.secureSession());
}

const PLATFORMS: [string, AdapterName, RequestTokenSessions, (app: INestApplication) => void][] = [
  ['express', 'express', passportSessions, expressSession],
  ['fastify', 'fastify', fastifySessions, fastifySessionOf],
  ['fastify with its passport', 'fastify', passportSessions, (app) => fastifyPassport(app)],
];

describe.each(PLATFORMS)("%s: a token of login mode 'session'", (_, adapter, sessions, configure) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      adapter,
      controllers: [AccountController],
      token: { sessions, baseUrl: 'http://127.0.0.1/' },
      configure,
    });
  });
  afterAll(() => app.close());

  const browser = () => request.agent(`http://127.0.0.1:${app.port}`);
  const issue = (target: string) =>
    app.tokens.issue({ user: 7, scope: 'sign-in', target, loginMode: 'session' });

  it('logs its recipient in, and leaves the address bar', async () => {
    const { url, token } = await issue('/direct?next=1');
    const agent = browser();
    const { headers } = await agent.get(url.replace('http://127.0.0.1', '')).expect(303);
    expect(headers.location).toBe('/direct?next=1');
    expect(headers['cache-control']).toBe('no-store');
    await agent.get('/direct?next=1').expect(200, { user: { id: '7' } });
    await agent.get('/account').expect(200, { id: '7' });
    expect((await app.settledLogs(token.id))[0]).toMatchObject({
      outcome: 'used',
      statusCode: 303,
      userId: '7',
    });
  });

  it('opened on another host of the app logs in there, and stays there', async () => {
    const { url } = await issue('/direct?next=1');
    const agent = request.agent(`http://localhost:${app.port}`);
    const { headers } = await agent.get(url.replace('http://127.0.0.1', '')).expect(303);
    const back = new URL(headers.location, `http://localhost:${app.port}/direct`);
    expect(back.href).toBe(`http://localhost:${app.port}/direct?next=1`);
    await agent.get(back.pathname + back.search).expect(200, { user: { id: '7' } });
  });

  it('waits for a click on a confirm route', async () => {
    const { url, jwt, token } = await issue('/sign-in');
    const agent = browser();
    const page = await agent.get(url.replace('http://127.0.0.1', '')).expect(200);
    expect(page.text).toContain('<button>Confirm</button>');
    await agent.get('/account').expect(401);
    await agent.post('/sign-in').query({ rt: jwt }).expect(303).expect('Location', '/sign-in');
    await agent.get('/sign-in').expect(200, { id: '7' });
    expect((await app.row(token.id)).useCount).toBe(1);
  });

  it('gives the session a new id first', async () => {
    const agent = browser();
    const before = (await agent.get('/direct')).headers['set-cookie'] as unknown as string[] | undefined;
    const { url } = await issue('/direct');
    const { headers } = await agent.get(url.replace('http://127.0.0.1', '')).expect(303);
    const after = headers['set-cookie'] as unknown as string[];
    expect(after[0]).not.toBe(before?.[0]);
    // Whoever planted the old id is not logged in.
    if (before) await app.http.get('/account').set('Cookie', before[0].split(';')[0]).expect(401);
    await app.http.get('/account').set('Cookie', after[0].split(';')[0]).expect(200);
  });

  it('works once, and is valid for ten minutes unless told otherwise', async () => {
    const { url, token } = await issue('/direct');
    expect((token.expiresAt?.getTime() ?? 0) - token.issuedAt.getTime()).toBe(600_000);
    await browser().get(url.replace('http://127.0.0.1', '')).expect(303);
    await browser().get(url.replace('http://127.0.0.1', '')).expect(403);
  });

  describe('that is posted', () => {
    const FOREIGN = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };
    const post = (jwt: string, headers: Record<string, string>) =>
      browser().post('/sign-in').query({ rt: jwt }).set(headers);

    it.each<[string, Record<string, string>]>([
      ['as its browser says', FOREIGN],
      ['as its origin says', { Origin: 'https://evil.example' }],
      ['that has no origin', { Origin: 'null' }],
      ['as one of two values says', { 'Sec-Fetch-Site': 'none, cross-site' }],
    ])('by a page of another site, %s, is refused and not used', async (_, headers) => {
      const { jwt, token } = await issue('/sign-in');
      const { headers: answered } = await post(jwt, headers).expect(403);
      expect(answered['set-cookie'] ?? []).not.toContainEqual(expect.stringContaining('user'));
      expect((await app.row(token.id)).useCount).toBe(0);
      await post(jwt, {}).expect(303);
    });

    it.each<[string, Record<string, string>]>([
      ['its own page', { Origin: 'http://127.0.0.1', 'Sec-Fetch-Site': 'same-origin' }],
      ['its own page, in a browser that says nothing of sites', { Origin: 'http://127.0.0.1' }],
      ['a program', {}],
    ])('by %s logs in', async (_, headers) => {
      const { jwt } = await issue('/sign-in');
      await post(jwt, headers).expect(303);
    });

    it('is opened from a mail or another site all the same', async () => {
      const { url } = await issue('/direct');
      await browser()
        .get(url.replace('http://127.0.0.1', ''))
        .set({ ...FOREIGN, 'Sec-Fetch-Mode': 'navigate' })
        .expect(303);
    });
  });

  it.each(['/\\x/sign-in', '//x/sign-in', '/%5Cx/../sign-in'])(
    'opened at %s takes no use, or goes back to an address of the app',
    async (path) => {
      const { jwt, token } = await app.tokens.issue({ user: 7, scope: 'sign-in', loginMode: 'session' });
      const { status, location } = await rawPost(app.port, `${path}?rt=${jwt}`);
      await app.kit.settled();
      const { useCount } = await app.row(token.id);
      if (status === 303) expect(location).toMatch(/^\/[^/\\]/);
      else
        expect({ useCount, isRefused: status === 403 || status === 404 }).toEqual({
          useCount: 0,
          isRefused: true,
        });
    },
  );

  it('stays used when a session was made, whatever becomes of the answer', async () => {
    const broken = await TestApp.start({
      adapter,
      controllers: [AccountController],
      token: { sessions, baseUrl: 'http://127.0.0.1/' },
      configure: (nest) => {
        configure(nest);
        // As when a header field is too long for the platform.
        nest.getHttpAdapter().redirect = () => {
          throw new Error('no redirect');
        };
      },
    });
    const { jwt, token } = await broken.tokens.issue({
      user: 7,
      scope: 'sign-in',
      target: '/direct',
      loginMode: 'session',
    });
    await broken.http.get('/direct').query({ rt: jwt }).expect(500);
    await broken.http.get('/direct').query({ rt: jwt }).expect(403);
    expect(await broken.settledLogs(token.id, 2)).toMatchObject([
      { outcome: 'used', statusCode: 500 },
      { outcome: 'token_exhausted' },
    ]);
    await broken.close();
  });

  it('is refused when somebody else is logged in', async () => {
    const agent = browser();
    await agent.get((await issue('/direct')).url.replace('http://127.0.0.1', '')).expect(303);
    const { url } = await app.tokens.issue({
      user: 8,
      scope: 'sign-in',
      target: '/direct',
      loginMode: 'session',
    });
    const { body } = await agent.get(url.replace('http://127.0.0.1', '')).expect(403);
    expect(body.code).toBe('token_audience_mismatch');
  });
});

describe('Without a way to log users in', () => {
  it('issuing a session token throws, and says what is missing', async () => {
    const app = await TestApp.start({});
    const issued = app.tokens.issue({ user: 7, scope: 'x', loginMode: 'session' });
    await expect(issued).rejects.toThrow(/sessions, e.g. passportSessions/);
    await app.close();
  });

  it('passportSessions says of a session that has no id to renew what it needs, and gives the use back', async () => {
    const logger = new LogKeeper();
    const app = await TestApp.start({
      controllers: [AccountController],
      token: { sessions: passportSessions },
      logger,
      configure: (nest) => {
        // As cookie-session has it: the whole session is in the cookie.
        nest.use((req: { session?: object }, _res: unknown, next: () => void) => {
          req.session = {};
          next();
        });
        const strategies = new passport.Passport();
        strategies.serializeUser((user, done) => done(null, user));
        nest.use(strategies.session());
      },
    });
    const { url, token } = await app.tokens.issue({
      user: 7,
      scope: 'sign-in',
      target: '/direct',
      loginMode: 'session',
    });
    await app.get(url).expect(500);
    expect(logger.errors).toContainEqual(
      expect.stringMatching(/cannot renew its id.*cookie-session.*express-session/),
    );
    expect((await app.settledLogs(token.id))[0]).toMatchObject({ outcome: 'released', statusCode: 500 });
    await app.close();
  });

  // A rejection that nobody handles would end the process, and fails the test.
  it('passportSessions hears of a user who cannot be put into the session of Fastify', async () => {
    const app = await TestApp.start({
      adapter: 'fastify',
      controllers: [AccountController],
      token: { sessions: passportSessions },
      configure: (nest) => fastifyPassport(nest, () => Promise.reject(new Error('no such user'))),
    });
    const options = { user: 7, scope: 'sign-in', target: '/direct', loginMode: 'session' } as const;
    const { url, token } = await app.tokens.issue(options);
    await app.get(url).expect(500);
    expect((await app.settledLogs(token.id))[0]).toMatchObject({ outcome: 'released', statusCode: 500 });
    await app.close();
  });

  it('passportSessions says that passport is missing, and gives the use back', async () => {
    const app = await TestApp.start({
      controllers: [AccountController],
      token: { sessions: passportSessions },
    });
    const { url, token } = await app.tokens.issue({
      user: 7,
      scope: 'sign-in',
      target: '/direct',
      loginMode: 'session',
    });
    await app.get(url).expect(500);
    expect((await app.settledLogs(token.id))[0]).toMatchObject({ outcome: 'released', statusCode: 500 });
    await app.close();
  });
});
