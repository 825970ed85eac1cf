import '../../support/testing-environment.js'; // before recipes that read the environment
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  All,
  Controller,
  Get,
  type INestApplication,
  Module,
  Query as QueryOf,
  Req,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  Transport,
} from '@nestjs/microservices';
import { AuthGuard, PassportModule } from '@nestjs/passport';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  RequestToken,
  RequestTokenModule,
  type RequestTokenRequest,
  requestTokenMigrations,
  TokenService,
  UseRequestToken,
} from 'nestjs-request-token';
import { requestTokenTesting } from 'nestjs-request-token/testing';
import { IsNumberString } from 'class-validator';
import { decodeProtectedHeader, SignJWT } from 'jose';
import { firstValueFrom } from 'rxjs';
import request from 'supertest';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { ADAPTER_NAMES, type AdapterName, createApp } from '../../support/adapters.js';
import { createDatabase } from '../../support/database.js';
import { PAIRS, pem } from '../../support/keys.js';
import { pathOf, SECRET, TestApp, type TestAppOptions } from '../../support/test-app.js';
import { User } from '../../support/user.entity.js';
import { waitFor } from '../../support/wait-for.js';
import { LinksModule } from './recipes/async-config.js';
import { InvoicesController, InvoicesModule } from './recipes/global-guard.js';
import { Invitations as TeamInvitations, InvitationsModule } from './recipes/graphql.js';
import dataSource, { CreateUsers1780000000000 } from './recipes/migrations.js';
import { AccountController } from './recipes/not-by-link.js';
import { AuthModule, JwtStrategy, Public } from './recipes/passport-global.js';
import { InvoicesController as PassportInvoicesController } from './recipes/passport-route.js';
import * as passwordReset from './recipes/password-reset.js';
import * as prefixAndVersion from './recipes/prefix-and-version.js';
import * as rateLimit from './recipes/rate-limit.js';
import { serverless } from './recipes/serverless.js';
import * as fastify from './recipes/session-fastify.js';
import { Mailer } from './recipes/mailer.js';
import * as serverRendered from './recipes/server-rendered.js';
import * as signIn from './recipes/sign-in.js';
import { Subscriber } from './recipes/subscriber.entity.js';
import { FreshLinkModule } from './recipes/fresh-link.js';
import * as withoutTokens from './recipes/logs-without-tokens.js';
import { lifeOfALink, linksFor } from './recipes/service.js';
import { signingTransport } from './recipes/signed-mail.js';
import * as strictValidation from './recipes/strict-validation.js';
import { LinkSupport } from './recipes/support.js';
import { Bookings, Seat } from './recipes/transaction.js';
import { PeopleModule } from './recipes/user-loader.js';
import { ExportsWorker } from './recipes/worker.js';

process.env.JWT_SECRET = process.env.SESSION_SECRET = SECRET;
process.env.PUBLIC_URL = 'https://example.com';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** An app that the module is added to. */
async function start(options: TestAppOptions = {}) {
  const app = await TestApp.start({ entities: [User], token: { users: { entity: User } }, ...options });
  cleanUps.push(() => app.close());
  const ann = await app.dataSource.manager.save(User, { name: 'Ann' });
  return Object.assign(app, { ann });
}

interface BootOptions {
  adapter?: AdapterName;
  imports?: Type<object>[];
  controllers?: Type<object>[];
  configure?: (app: INestApplication) => unknown;
}

/** An app whose recipe brings the module itself. */
async function boot(
  recipe: Type<object>,
  { adapter = 'express', imports = [], controllers, configure }: BootOptions = {},
) {
  const database = await createDatabase();
  cleanUps.push(() => database.drop());
  const moduleRef = await Test.createTestingModule({
    imports: [
      TypeOrmModule.forRoot({
        type: 'postgres',
        url: database.url,
        entities: [User, Subscriber],
        autoLoadEntities: true,
        synchronize: true,
        retryAttempts: 0,
      }),
      recipe,
      ...imports,
    ],
    controllers,
  }).compile();
  const app = createApp(adapter, moduleRef, { logger: false, trustProxy: false });
  cleanUps.push(() => app.close());
  await configure?.(app);
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
  const users = app.get(DataSource).manager;
  return {
    app,
    users,
    http: request(`http://127.0.0.1:${port}`),
    address: `http://127.0.0.1:${port}`,
    tokens: app.get(TokenService),
    kit: requestTokenTesting(app),
    ann: await users.save(User, { name: 'Ann' }),
    subscriber: await users.save(Subscriber, { name: 'Ann', email: 'ann@example.org' }),
  };
}

const bearer = (sub: string) =>
  new SignJWT({ sub }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(SECRET));

/** Stands for an app's own login: middleware that knows the user of a session. */
const loggedIn = (user: () => object) => (app: INestApplication) => {
  app.use((req: RequestTokenRequest & { headers: object }, _res: unknown, next: () => void) => {
    if ('x-logged-in' in req.headers) req.user = user();
    next();
  });
};

@Controller('me')
class MeController {
  @Get()
  @UseRequestToken({ scope: 'me', direct: true })
  me(@Req() { user }: RequestTokenRequest) {
    return user;
  }
}

@Controller()
class UnfilteredWorker {
  constructor(private readonly tokens: TokenService) {}

  @MessagePattern('unfiltered')
  redeem({ token }: { token: string }) {
    return this.tokens.redeem(token, { scope: 'export' });
  }
}

describe('Recipe: Users and guards:', () => {
  it('a global guard of your own', async () => {
    let known: User;
    const app = await start({ imports: [InvoicesModule], configure: loggedIn(() => known) });
    known = app.ann;
    const link = await app.kit.link(InvoicesController, 'latest', { user: app.ann, maxUses: null });
    await app.http.get('/invoices').expect(401);
    await app.http.get('/invoices').query({ rt: link.jwt }).expect(401);
    await app.http.get('/invoices').set('X-Logged-In', '').expect(200);
    expect(await app.kit.click(link)).toMatchObject({ status: 200, text: '2026-2, for Ann' });
    // Logged in as the same person, and as another.
    await app.http.post(link.path).set('X-Logged-In', '').expect(200);
    known = await app.dataSource.manager.save(User, { name: 'Bob' });
    const { body } = await app.http.post(link.path).set('X-Logged-In', '').expect(403);
    expect(body.code).toBe('token_audience_mismatch');
    // A token that stands for nobody.
    const nobody = await app.kit.link(InvoicesController, 'latest');
    expect(await app.kit.click(nobody)).toMatchObject({ status: 401 });
  });

  it('passport on a route', async () => {
    const app = await start({
      imports: [PassportModule],
      providers: [JwtStrategy],
      controllers: [PassportInvoicesController],
    });
    const { path } = await app.kit.link(PassportInvoicesController, 'latest', { user: app.ann });
    await app.http.get('/invoices/latest').expect(401);
    await app.http.get(path).expect(200, { invoice: '2026-2', user: String(app.ann.id) });
    await app.http.get(path).expect(403);
    await app.http
      .get('/invoices/latest')
      .auth(await bearer('8'), { type: 'bearer' })
      .expect(200, { invoice: '2026-2', user: '8' });
  });

  it("passport's guard alone refuses those who come by link", async () => {
    @Controller('alone')
    @UseGuards(AuthGuard('jwt'))
    class AloneController extends MeController {}
    const app = await start({
      imports: [PassportModule],
      providers: [JwtStrategy],
      controllers: [AloneController],
    });
    const { path } = await app.kit.link(AloneController, 'me', { user: app.ann });
    await app.http.get(path).expect(401);
  });

  it('passport as a global guard', async () => {
    @Controller()
    class PublicController {
      @Get('public')
      @Public(true)
      public() {}

      @Get('private')
      private() {}
    }
    const app = await start({ imports: [AuthModule], controllers: [MeController, PublicController] });
    const { path, jwt } = await app.kit.link(MeController, 'me', { user: app.ann });
    await app.http.get('/public').expect(200);
    await app.http.get('/private').query({ rt: jwt }).expect(401);
    await app.http
      .get('/private')
      .auth(await bearer('8'), { type: 'bearer' })
      .expect(200);
    const { body } = await app.http.get(path).expect(200);
    expect(body.name).toBe('Ann');
  });

  it('refusing sensitive actions', async () => {
    const app = await start({ controllers: [AccountController], configure: loggedIn(() => app.ann) });
    const { path, token } = await app.kit.link(AccountController, 'show', { user: app.ann, maxUses: null });
    await app.http.get(path).expect(200, { name: 'Ann', canClose: false });
    const { body } = await app.http.delete(path).expect(403);
    expect(body.message).toBe('Please log in to do this.');
    expect((await app.row(token.id)).useCount).toBe(1);
    await app.http.get('/account').set('X-Logged-In', '').expect(200, { name: 'Ann', canClose: true });
    await app.http.delete('/account').set('X-Logged-In', '').expect(200, 'closed');
    // One who is logged in and comes by link counts as one who came by link.
    await app.http.delete(path).set('X-Logged-In', '').expect(403);
  });

  it('a class of the app', async () => {
    const { address, tokens } = await boot(PeopleModule, { controllers: [MeController] });
    const open = async (user: string | object) => {
      const { jwt } = await tokens.issue({ user, scope: 'me' });
      const { body } = await request(address).get('/me').query({ rt: jwt });
      return body as object;
    };
    expect(await open({ uid: 'ann' })).toEqual({ uid: 'ann', name: 'Ann', active: true });
    expect(await open('bob')).toMatchObject({ code: 'token_user_not_found' });
    expect(await open('nobody')).toMatchObject({ code: 'token_user_not_found' });
  });
});

describe('Recipe: Set-up:', () => {
  it('a configuration service', async () => {
    const { address, tokens, ann } = await boot(LinksModule, { controllers: [MeController] });
    const { url, token } = await tokens.issue({ user: ann, scope: 'me', target: '/me' });
    expect((token.expiresAt?.getTime() ?? 0) - token.issuedAt.getTime()).toBe(30 * 86_400_000);
    expect(url).toMatch('https://example.com/me?rt=');
    const { body } = await request(address).get(pathOf(url)).expect(200);
    expect(body.name).toBe('Ann');
  });

  it('a global prefix and versions', async () => {
    const { EventsController, Invitations, configure } = prefixAndVersion;
    const app = await start({ controllers: [EventsController], providers: [Invitations], configure });
    const url = await app.app.get(Invitations).link(app.ann, 'spring');
    expect(url).toMatch('https://example.com/api/v2/events/spring/rsvp?rt=eyJ');
    expect(await app.kit.scan(url)).toEqual({ head: 200, get: 200, browser: 200, prefetch: 503 });
    expect(await app.kit.click(url)).toMatchObject({ status: 200, text: 'See you at spring.' });
  });

  it('a global prefix that is not set, or set twice', async () => {
    const { EventsController, Invitations, configure } = prefixAndVersion;
    const metadata = { controllers: [EventsController], providers: [Invitations] };
    const twice = await start({ ...metadata, configure, token: { baseUrl: 'https://example.com/api' } });
    expect(await twice.app.get(Invitations).link(twice.ann, 'spring')).toMatch(
      'https://example.com/api/api/v2/events/spring/rsvp',
    );

    const app = await start({ ...metadata, configure });
    @Module({
      imports: [
        TypeOrmModule.forRoot({ ...app.dataSource.options, synchronize: false }),
        RequestTokenModule.forRoot({ keys: SECRET, baseUrl: 'https://example.com' }),
      ],
      ...metadata,
    })
    class WorkerModule {}
    const worker = await NestFactory.createApplicationContext(WorkerModule, { logger: false });
    cleanUps.push(() => worker.close());
    await expect(worker.get(Invitations).link(app.ann, 'spring')).rejects.toThrow(
      'routes: { globalPrefix, versioning }',
    );
    const target = '/api/v2/events/spring/rsvp';
    const { url } = await worker.get(TokenService).issue({ user: app.ann, scope: 'rsvp', target });
    expect(await app.kit.click(url)).toMatchObject({ status: 200 });
  });

  it('a strict ValidationPipe', async () => {
    class SeatsQuery {
      @IsNumberString()
      seats!: string;
    }
    @Controller()
    class CarelessController {
      @All('careless')
      @UseRequestToken({ scope: 'rsvp', confirm: true })
      careless(@QueryOf() query: SeatsQuery) {
        return query.seats;
      }

      @All('lax')
      @UseRequestToken({ scope: 'rsvp', confirm: true })
      lax(@QueryOf('seats') seats: string) {
        return seats;
      }
    }
    const { RsvpController, configure } = strictValidation;
    const app = await start({ controllers: [RsvpController, CarelessController], configure });
    const parts = { user: app.ann, query: { seats: 2 } };
    const link = await app.kit.link(RsvpController, 'rsvp', parts);
    expect(await app.kit.click(link)).toMatchObject({ status: 200, text: '2 seats are yours.' });
    const none = await app.kit.link(RsvpController, 'rsvp', { user: app.ann, query: { seats: 0 } });
    expect(await app.kit.click(none)).toMatchObject({ status: 400 });
    const lax = await app.kit.link(CarelessController, 'lax', { ...parts, query: { seats: 2, utm: 'x' } });
    expect(await app.kit.click(lax)).toMatchObject({ status: 200, text: '2' });
    const careless = await app.kit.link(CarelessController, 'careless', parts);
    const answer = await app.kit.click(careless);
    expect(answer).toMatchObject({
      status: 400,
      text: expect.stringContaining('property rt should not exist'),
    });
    expect(await app.kit.log(careless)).toMatchObject([{ outcome: 'released' }]);
  });

  it('migrations', async () => {
    // An app that has run its own, and then gets ours.
    const before = await new DataSource({
      ...dataSource.options,
      migrations: [CreateUsers1780000000000],
    }).initialize();
    await before.runMigrations();
    await before.destroy();
    await dataSource.initialize();
    cleanUps.push(() => dataSource.destroy());
    expect(await dataSource.runMigrations()).toHaveLength(requestTokenMigrations.length);
    const app = await start({
      databaseUrl: process.env.DATABASE_URL,
      dataSource: { synchronize: false },
      controllers: [MeController],
    });
    const { path } = await app.kit.link(MeController, 'me', { user: app.ann });
    await app.http.get(path).expect(200);
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries).toEqual([]);
  });

  it('migrations need no entities', async () => {
    const database = await createDatabase();
    cleanUps.push(() => database.drop());
    const without = await new DataSource({
      ...dataSource.options,
      logger: 'debug', // not to the console
      url: database.url,
      entities: [User],
    } as DataSourceOptions).initialize();
    cleanUps.push(() => without.destroy());
    expect(await without.runMigrations()).toHaveLength(requestTokenMigrations.length + 1);
  });
});

describe('Recipe: Set-up: a platform that freezes the process', () => {
  it.each(ADAPTER_NAMES)('%s: finds nothing left to do', async (adapter) => {
    const app = await start({ adapter, controllers: [MeController] });
    const call = serverless(app.app);
    const outcomes: unknown[] = [];
    const platform = createHttpServer((req, res) => {
      // Not a turn of the event loop later.
      void call(req, res).then(async () => {
        outcomes.push(await app.dataSource.query('SELECT outcome, status_code FROM request_token_log'));
        await app.dataSource.query('DELETE FROM request_token_log');
      });
    });
    await once(platform.listen(0, '127.0.0.1'), 'listening');
    cleanUps.push(() => new Promise((resolve) => platform.close(resolve)));
    const { port } = platform.address() as AddressInfo;
    const link = await app.kit.link(MeController, 'me', { user: app.ann });
    const answer = request(`http://127.0.0.1:${port}`);
    await answer.get(link.path).expect(200);
    await answer.get(link.path).expect(403);
    await waitFor(
      () => (outcomes.length === 2 ? true : undefined),
      () => 'the platform',
    );
    expect(outcomes).toEqual([
      [{ outcome: 'used', status_code: 200 }],
      [{ outcome: 'token_exhausted', status_code: 403 }],
    ]);
  });
});

describe('Recipe: Outside HTTP:', () => {
  it.each(ADAPTER_NAMES)('a GraphQL resolver, on %s', async (adapter) => {
    const app = await start({ adapter, imports: [InvitationsModule] });
    const url = await app.app.get(TeamInvitations).link('blue');
    expect(url).toMatch('https://example.com/join?rt=');
    const ask = async (query: string, token = new URL(url).searchParams.get('rt')) => {
      const { body } = await app.http.post('/graphql').send({ query, variables: { token } });
      return body as { data?: object; errors: object[] };
    };
    const INVITATION = 'query ($token: String!) { invitation(token: $token) }';
    const JOIN = 'mutation ($token: String!) { join(token: $token) }';
    for (let n = 0; n < 2; n++) expect(await ask(INVITATION)).toEqual({ data: { invitation: 'blue' } });
    const { jwt } = await app.tokens.issue({ scope: 'other' });
    expect((await ask(INVITATION, jwt)).errors[0]).toMatchObject({
      extensions: { originalError: { code: 'token_scope_mismatch' } },
    });
    expect(await ask(JOIN)).toEqual({ data: { join: 'Welcome to blue.' } });
    for (const again of [INVITATION, JOIN]) {
      expect((await ask(again)).errors[0]).toMatchObject({
        message: 'This link has already been used.',
        extensions: { originalError: { code: 'token_exhausted' } },
      });
    }
  });

  it('a message handler', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const options = { host: '127.0.0.1', port };
    const app = await start({
      controllers: [ExportsWorker, UnfilteredWorker],
      configure: (nest) =>
        nest.connectMicroservice<MicroserviceOptions>({ transport: Transport.TCP, options }),
    });
    await app.app.startAllMicroservices();
    const client = ClientProxyFactory.create({ transport: Transport.TCP, options });
    cleanUps.push(() => Promise.resolve(client.close()));
    const { jwt } = await app.tokens.issue({ user: app.ann, scope: 'export', data: { columns: ['name'] } });
    const send = () => firstValueFrom(client.send<unknown>('export', { token: jwt }));
    expect(await send()).toEqual({ file: `${app.ann.id}.csv`, columns: ['name'] });
    const unfiltered = client.send<unknown>('unfiltered', { token: jwt });
    await expect(firstValueFrom(unfiltered)).rejects.toEqual({
      status: 'error',
      message: 'Internal server error',
    });
    await expect(send()).rejects.toEqual({
      code: 'token_exhausted',
      message: 'This link has already been used.',
    });
  });

  it('a transaction', async () => {
    const app = await start({ entities: [User, Seat], providers: [Bookings] });
    const bookings = app.app.get(Bookings);
    const issue = () => app.tokens.issue({ user: app.ann, scope: 'book' });
    const [first, second] = [await issue(), await issue()];
    await bookings.book(first.jwt, 1);
    await expect(bookings.book(second.jwt, 1)).rejects.toThrow(/duplicate key/);
    expect((await app.row(second.token.id)).useCount).toBe(0);
    expect(await app.kit.log(second)).toEqual([]);
    await bookings.book(second.jwt, 2);
    expect((await app.row(second.token.id)).useCount).toBe(1);
    await expect(bookings.book(second.jwt, 3)).rejects.toMatchObject({ code: 'token_exhausted' });
    expect(await app.dataSource.manager.countBy(Seat, { userId: String(app.ann.id) })).toBe(2);
    expect((await app.kit.log(second)).map(({ outcome }) => outcome)).toEqual(['used', 'token_exhausted']);
  });
});

describe.each(ADAPTER_NAMES)('Recipe: A new password, on %s:', (adapter) => {
  const start = async () => {
    const recipe = await boot(passwordReset.PasswordModule, { adapter });
    const { app, http, users } = recipe;
    const member = await users.save(
      users.create(passwordReset.Member, {
        email: 'ann@example.com',
        passwordHash: passwordReset.hashOf('the first password'),
      }),
    );
    await http.post('/password-link').send({ email: 'ann@example.com' }).expect(202);
    const mail = await waitFor(
      () => app.get(Mailer).sent[0],
      () => 'the mail',
    );
    const [, url] = /href="([^"]+)"/.exec(mail.html)!;
    const path = pathOf(url);
    const change = (to: Partial<passwordReset.Member>) => users.update(passwordReset.Member, member.id, to);
    const save = (password: string) => http.post(path).type('form').send({ password });
    const show = () => http.get(path).set('Accept', 'text/html');
    const hash = async () => {
      const where = { id: member.id };
      return (await users.findOneOrFail(passwordReset.Member, { where, select: { passwordHash: true } }))
        .passwordHash;
    };
    return { ...recipe, url, change, save, show, hash };
  };

  const assertEnded = async ({ save, show, hash }: Awaited<ReturnType<typeof start>>) => {
    const before = await hash();
    expect((await save('a password of an attacker')).body).toMatchObject({ code: 'token_user_changed' });
    expect((await show().expect(403)).text).toContain('This link no longer fits your account');
    expect(await hash()).toBe(before);
  };

  it('the link asks for it, and ends when it is used', async () => {
    const recipe = await start();
    const { kit, url, save, show, hash } = recipe;
    expect(await kit.scan(url)).toEqual({ head: 200, get: 200, browser: 200, prefetch: 503 });
    expect((await show().expect(200)).text).toContain('<input type="password" name="password"');
    await save('short').expect(400);
    const before = await hash();
    await save('the second password').expect(/Your password is changed/);
    expect(await hash()).not.toBe(before);
    await assertEnded(recipe);
  });

  it('the link ends when the password changes otherwise', async () => {
    const recipe = await start();
    await recipe.change({ passwordHash: passwordReset.hashOf('the first password') });
    await assertEnded(recipe);
  });

  it('the link ends when the address changes, and with its hour', async () => {
    const recipe = await start();
    await recipe.change({ email: 'ann@example.org' });
    await assertEnded(recipe);
    await recipe.change({ email: 'ann@example.com' });
    await recipe.show().expect(200);
    recipe.kit.clock.advance('61m');
    await recipe.show().expect(403);
  });

  it('whoever has no account gets the same answer, and no mail', async () => {
    const { app, http } = await start();
    const answer = await http.post('/password-link').send({ email: 'nobody@example.org' });
    expect([answer.status, answer.text]).toEqual([202, 'Look into your mailbox.']);
    expect(app.get(Mailer).sent).toHaveLength(1);
  });
});

describe('Recipe: Sign in by mail:', () => {
  const platforms: [string, Type<object>, Type<{ signIn(): void }>, BootOptions][] = [
    ['passport', signIn.AccountModule, signIn.AccountController, { configure: signIn.configure }],
    [
      '@fastify/session',
      fastify.AccountModule,
      fastify.AccountController,
      { adapter: 'fastify', configure: (app) => fastify.configure(app as NestFastifyApplication) },
    ],
  ];

  it.each(platforms)('%s', async (name, module, controller, options) => {
    const { address, kit, ann, subscriber, users } = await boot(module, options);
    const user = name === 'passport' ? subscriber : ann;
    const agent = request.agent(address);
    const link = await kit.link(controller, 'signIn', { user, loginMode: 'session' });
    expect(await kit.scan(link)).toEqual({ head: 200, get: 200, browser: 200, prefetch: 503 });
    await agent.get(link.path).expect(200);
    await agent.get('/account').expect(401);
    await agent.post(link.path).expect(303).expect('Location', '/sign-in');
    await agent.get('/sign-in').expect(303).expect('Location', '/account');
    await agent.get('/account').expect(200, 'Hello, Ann.');
    await request(address).post(link.path).expect(403);
    await request(address).get('/account').expect(401);
    if (user === ann) await users.softDelete(User, ann.id);
    else await users.delete(Subscriber, user.id);
    await agent.get('/account').expect(401);
  });

  it('a link for whoever has an account, and the same answer for all', async () => {
    const { app, http, kit } = await boot(signIn.AccountModule, { configure: signIn.configure });
    const { sent } = app.get(Mailer);
    for (const email of ['nobody@example.org', 'ann@example.org']) {
      await http.post('/sign-in-link').send({ email }).expect(202, 'Look into your mailbox.');
    }
    const mail = await waitFor(
      () => sent[0],
      () => 'the mail',
    );
    expect(mail).toMatchObject({ to: 'ann@example.org' });
    const [, url] = /href="([^"]+)"/.exec(mail.html)!;
    expect(await kit.click(url)).toMatchObject({ status: 303 });
    expect(sent).toHaveLength(1);
    kit.clock.advance('11m');
    expect(await kit.click(url)).toMatchObject({ status: 403 });
  });
});

describe('Recipe: Server-rendered:', () => {
  it.each(ADAPTER_NAMES)('mails, pages and clicks, on %s', async (adapter) => {
    const { app, http, kit, subscriber, users } = await boot(serverRendered.NewsletterModule, { adapter });
    await app.get(serverRendered.Mailings).send(subscriber, 'Spring & summer');
    const [mail] = app.get(Mailer).sent;
    const [preferences, unsubscribe] = [...mail.html.matchAll(/href="([^"]+)"/g)].map(([, url]) => url);
    expect(mail.headers).toEqual({
      'List-Unsubscribe': `<${unsubscribe}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
    const german = await http.get(pathOf(unsubscribe)).set({ Accept: 'text/html', 'Accept-Language': 'de' });
    expect(german.text).toMatch(/^<!doctype html><html lang="de"><title>Abmelden\?<.*<button>Abmelden</);
    expect(await kit.scan(unsubscribe)).toEqual({ head: 200, get: 200, browser: 200, prefetch: 503 });
    expect(await kit.click(unsubscribe)).toMatchObject({
      status: 200,
      text: expect.stringContaining('Good-bye, Ann.'),
    });
    // As a mail program does it.
    await http.post(pathOf(unsubscribe)).type('form').send('List-Unsubscribe=One-Click').expect(200);
    expect(await users.findOneBy(Subscriber, { id: subscriber.id })).toMatchObject({ isSubscribed: false });

    for (let n = 0; n < 2; n++) {
      const page = await http
        .get(pathOf(preferences))
        .expect(200)
        .expect('Content-Type', /^text\/html/);
      const [, token] = /name="rt" value="([^"]+)"/.exec(page.text)!;
      const form = http.post('/newsletter/preferences').type('form');
      await form.send({ rt: token, name: 'Anna' }).expect(201);
    }
    expect(await users.findOneBy(Subscriber, { id: subscriber.id })).toMatchObject({ name: 'Anna' });

    kit.clock.advance('91d');
    const { status, text } = await kit.click(unsubscribe);
    expect(status).toBe(403);
    expect(text).toContain('<p>This link was good for 90 days.</p>');
  });
});

describe('Recipe: Links in mail:', () => {
  it.each(ADAPTER_NAMES)('a fresh link for one that has expired, on %s', async (adapter) => {
    const { app, http, kit, subscriber } = await boot(FreshLinkModule, {
      adapter,
      controllers: [MeController],
    });
    const { sent } = app.get(Mailer);
    const { path } = await kit.link(MeController, 'me', { user: subscriber, expiresIn: '1d' });
    const ask = async (rt: unknown) => (await http.post('/fresh-link').send({ rt })).text;
    expect(await ask(new URL(path, 'http://a').searchParams.get('rt'))).toBe('Look into your mailbox.');
    expect(sent).toEqual([]); // because it works
    kit.clock.advance('2d');
    const page = await http.get(path).set('Accept', 'text/html').expect(403);
    const [, fresh] = /href="(\/fresh-link[^"]+)"/.exec(page.text)!;
    const form = await http.get(fresh).expect(200);
    const [, rt] = /name="rt" value="([^"]+)"/.exec(form.text)!;
    expect(await ask(rt)).toBe('Look into your mailbox.');
    expect(await ask('junk')).toBe('Look into your mailbox.');
    expect(sent).toMatchObject([{ to: 'ann@example.org' }]);
    const [, url] = /href="([^"]+)"/.exec(sent[0].html)!;
    await http.get(pathOf(url)).expect(200);
  });

  it('both header fields of one-click unsubscription are signed', async () => {
    const privateKey = pem(PAIRS.RS256.privateKey);
    const transport = signingTransport({ streamTransport: true, buffer: true }, privateKey);
    const headers = {
      'List-Unsubscribe': '<https://example.com/?rt=a.b.c>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    };
    const { message } = (await transport.sendMail({
      from: 'a@example.com',
      to: 'b@example.org',
      headers,
    })) as {
      message: Buffer;
    };
    const [, signed] = /DKIM-Signature:[^]*?\bh=([^;]+);/.exec(message.toString())!;
    expect(signed.replace(/\s/g, '').split(':')).toEqual(
      expect.arrayContaining(['list-unsubscribe', 'list-unsubscribe-post']),
    );
  });

  it('tokens out of logs', () => {
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiIxIn0.c2lnbmF0dXJl';
    const url = `/me?rt=${jwt}`;
    const lines: string[] = [];
    const logger = withoutTokens.pinoWithoutTokens({ write: (line) => void lines.push(line) });
    logger.info(
      { req: { url, query: { rt: jwt }, headers: { referer: `https://example.com${url}` } } },
      'in',
    );
    const logged = [
      ...lines,
      withoutTokens.loggedUrl({ originalUrl: url }),
      withoutTokens.loggedReferrer({ headers: { referer: url } }),
      withoutTokens.loggedReferrer({ headers: {} }),
      JSON.stringify(withoutTokens.redacted({ request: { url } })),
    ];
    expect(logged).toEqual([
      expect.stringContaining('"msg":"in"'),
      '/me?rt=[token]',
      '/me?rt=[token]',
      '-',
      '{"request":{"url":"/me?rt=[token]"}}',
    ]);
    expect(logged.join()).not.toContain('eyJ');
  });
});

describe('The reference:', () => {
  it('the life of a link', async () => {
    const app = await start();
    const { url, claims, row, ...rest } = await lifeOfALink(app.tokens, app.ann);
    expect(url).toMatch('https://example.com/?rt=eyJ');
    expect(claims).toMatchObject({ sub: 'invoice', max: 2 });
    expect(row).toMatchObject({ useCount: 1 });
    expect(rest).toMatchObject({ usable: true, logs: [{ outcome: 'used' }], revoked: 1 });
    expect((await app.tokens.inspect(url)).code).toBe('token_revoked');
  });

  it('links for a mailing', async () => {
    const app = await start();
    const sent: string[] = [];
    async function* users() {
      yield await app.dataSource.manager.save(User, { name: 'Bob' });
      yield app.ann;
    }
    await linksFor(app.tokens, users(), (url) => sent.push(url));
    expect(sent).toHaveLength(2);
  });
});

describe('Recipe: Keys:', () => {
  it('links signed with the old one still work', async () => {
    process.env.NEW_KEY = pem(PAIRS.ES256.privateKey);
    process.env.OLD_SECRET = SECRET;
    const { LinksModule: RotatingModule } = await import('./recipes/key-rotation.js');
    const { tokens } = await boot(RotatingModule);
    const fresh = await tokens.issue({ scope: 'a' });
    expect(decodeProtectedHeader(fresh.jwt)).toMatchObject({ alg: 'ES256', kid: '2026' });
    const before = await start({ token: { keys: SECRET } });
    const { jwt } = await before.tokens.issue({ scope: 'a' });
    expect(await tokens.verify(jwt)).toMatchObject({ sub: 'a' });
  });
});

describe('Recipe: A rate limit:', () => {
  it.each(ADAPTER_NAMES)('sees refusals, on %s', async (adapter) => {
    const app = await start({ adapter, imports: [rateLimit.NewsletterModule] });
    const link = await app.kit.link(rateLimit.NewsletterController, 'unsubscribe', { user: app.ann });
    const statuses: number[] = [];
    for (let n = 0; n < 100; n++) {
      statuses.push((await app.http.get('/newsletter/unsubscribe').query({ rt: `junk${n}` })).status);
    }
    expect(statuses).toEqual([...Array<number>(60).fill(403), ...Array<number>(40).fill(429)]);
    const blocked = await app.http.post(link.path);
    expect(blocked.status).toBe(429);
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(0);
    expect(await app.row(link.token.id)).toMatchObject({ useCount: 0 });

    // What the app limits otherwise is as it was.
    const { headers } = await app.http.get('/articles').expect(200);
    expect(headers).toMatchObject({ 'x-ratelimit-limit': '300', 'x-ratelimit-remaining': '299' });
  });

  it('lets good links through', async () => {
    const app = await start({ imports: [rateLimit.NewsletterModule] });
    const link = await app.kit.link(rateLimit.NewsletterController, 'unsubscribe', { user: app.ann });
    expect(await app.kit.scan(link)).toEqual({ head: 200, get: 200, browser: 200, prefetch: 503 });
    expect(await app.kit.click(link)).toMatchObject({ status: 200, text: 'Good-bye.' });
  });
});

describe('Recipe: Support:', () => {
  it('explains and revokes', async () => {
    const app = await start({ controllers: [MeController], providers: [LinkSupport] });
    const support = app.app.get(LinkSupport);
    const link = await app.kit.link(MeController, 'me', { user: app.ann, maxUses: 2 });
    expect(await support.explain(link.url)).toMatchObject({ answer: 'It works.', uses: '0 of 2' });
    await app.http.get(link.path).set('User-Agent', 'Scanner/1').expect(200);
    await app.kit.settled();
    expect(await support.revokeAllOf(app.ann.id)).toBe(1);
    await app.http.get(link.path).expect(403);
    await app.kit.settled();
    expect(await support.explain(link.url)).toMatchObject({
      answer: 'It fails: token_revoked',
      uses: '1 of 2',
      attempts: [{ outcome: 'token_revoked' }, { outcome: 'used', userAgent: 'Scanner/1' }],
    });
    expect(await support.explain(link.url.slice(0, -9))).toEqual({
      answer: expect.stringMatching(/token_malformed|token_signature_invalid/),
      issuedAt: undefined,
      uses: null,
      attempts: [],
    });
    const fresh = await app.kit.link(MeController, 'me', { user: app.ann });
    await app.http.get(fresh.path).expect(200);
    expect(await app.dataSource.manager.count(RequestToken)).toBe(2);
  });
});
