import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, type DynamicModule, Get, Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  RequestToken,
  type RequestTokenClaims,
  RequestTokenLog,
  RequestTokenRevocation,
  RequestTokenStatistic,
  RequestTokenModule,
  type RequestTokenModuleOptions,
  type RequestTokenOptionsFactory,
  TokenService,
  UseRequestToken,
} from 'nestjs-request-token';
import { DataSource, type DataSourceOptions, Entity, PrimaryColumn } from 'typeorm';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { pathOf, SECRET, TestApp } from '../../support/test-app.js';

const OPTIONS: RequestTokenModuleOptions = { keys: SECRET, baseUrl: 'https://example.com' };

@Injectable()
class OptionsFactory implements RequestTokenOptionsFactory {
  createRequestTokenOptions() {
    return Promise.resolve(OPTIONS);
  }
}

@Module({ providers: [OptionsFactory], exports: [OptionsFactory] })
class ConfigModule {}

@Injectable()
class Mailer {
  constructor(readonly tokens: TokenService) {}
}

@Module({ providers: [Mailer], exports: [Mailer] })
class MailModule {}

@Entity()
class Composite {
  @PrimaryColumn('int')
  one!: number;

  @PrimaryColumn('int')
  two!: number;
}

describe('The module', () => {
  let database: TestDatabase | undefined;
  let moduleRef: TestingModule | undefined;
  // Nest leaves it open when another module fails.
  let dataSource: Promise<DataSource> | undefined;
  afterEach(async () => {
    await moduleRef?.close();
    const opened = await dataSource;
    if (opened?.isInitialized) await opened.destroy();
    await database?.drop();
    moduleRef = dataSource = database = undefined;
  });

  const compile = async (
    module: DynamicModule,
    { name, entities, imports = [] }: { name?: string; entities?: Type[]; imports?: Type[] } = {},
  ) => {
    database = await createDatabase();
    const { url } = database;
    moduleRef = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRootAsync({
          name,
          useFactory: () => ({
            name,
            type: 'postgres',
            url,
            ...(entities ? { entities } : { autoLoadEntities: true }),
            synchronize: true,
          }),
          dataSourceFactory: (options) =>
            (dataSource = new DataSource(options as DataSourceOptions).initialize()),
        }),
        module,
        ...imports,
      ],
    }).compile();
    return moduleRef.init();
  };

  it.each<[string, () => DynamicModule]>([
    ['forRoot', () => RequestTokenModule.forRoot(OPTIONS)],
    ['forRootAsync with useFactory', () => RequestTokenModule.forRootAsync({ useFactory: () => OPTIONS })],
    [
      'forRootAsync with an asynchronous factory that injects',
      () =>
        RequestTokenModule.forRootAsync({
          imports: [ConfigModule],
          inject: [OptionsFactory],
          useFactory: (factory: OptionsFactory) => factory.createRequestTokenOptions(),
        }),
    ],
    ['forRootAsync with useClass', () => RequestTokenModule.forRootAsync({ useClass: OptionsFactory })],
    [
      'forRootAsync with useExisting',
      () => RequestTokenModule.forRootAsync({ imports: [ConfigModule], useExisting: OptionsFactory }),
    ],
  ])('starts by %s, and loads its entities', async (_, make) => {
    const { tokens } = (await compile(make(), { imports: [MailModule] })).get(Mailer);
    const { url, jwt } = await tokens.issue({ scope: 'x' });
    expect(url).toBe(`https://example.com/?rt=${jwt}`);
  });

  it('starts with options from what injects TokenService, such as a service that sends fresh links', async () => {
    @Injectable()
    class FreshLinks {
      constructor(private readonly tokens: TokenService) {}

      async link(claims?: RequestTokenClaims) {
        const { url } = await this.tokens.issue({ scope: claims?.sub ?? 'x', target: '/fresh' });
        return { url, text: 'A fresh link' };
      }
    }
    @Module({ providers: [FreshLinks], exports: [FreshLinks] })
    class FreshLinksModule {}
    const module = RequestTokenModule.forRootAsync({
      imports: [FreshLinksModule],
      inject: [FreshLinks],
      useFactory: (fresh: FreshLinks) => ({
        ...OPTIONS,
        onRefused: async ({ claims }) => ({ link: await fresh.link(claims) }),
      }),
    });
    const started = await compile(module, { imports: [MailModule] });
    const { jwt } = await started.get(Mailer).tokens.issue({ scope: 'x' });
    expect(await started.get(TokenService).redeem(jwt, { scope: 'x' })).toMatchObject({ useCount: 1 });
  });

  it('issues for providers that are made while it starts', async () => {
    @Module({
      providers: [
        {
          provide: 'FIRST_LINK',
          useFactory: (tokens: TokenService) => tokens.issue({ scope: 'x' }),
          inject: [TokenService],
        },
      ],
      exports: ['FIRST_LINK'],
    })
    class EarlyModule {}
    const started = await compile(
      RequestTokenModule.forRootAsync({
        useFactory: async () => {
          await new Promise((resolve) => setTimeout(resolve, 50));
          return OPTIONS;
        },
      }),
      { imports: [EarlyModule] },
    );
    expect(started.get('FIRST_LINK')).toMatchObject({
      url: expect.stringContaining('https://example.com/?rt='),
    });
  });

  it('is global unless told otherwise', async () => {
    const module = RequestTokenModule.forRoot({ ...OPTIONS, isGlobal: false });
    await expect(compile(module, { imports: [MailModule] })).rejects.toThrow(/TokenService/);
  });

  it('issues and redeems in an app without HTTP, such as a queue worker', async () => {
    database = await createDatabase();
    @Module({
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: database.url,
          autoLoadEntities: true,
          synchronize: true,
        }),
        RequestTokenModule.forRoot(OPTIONS),
      ],
    })
    class WorkerModule {}
    const worker = await NestFactory.createApplicationContext(WorkerModule, { logger: false });
    const tokens = worker.get(TokenService);
    const { jwt } = await tokens.issue({ scope: 'job' });
    expect(await tokens.redeem(jwt, { scope: 'job' })).toMatchObject({ useCount: 1 });
    await expect(tokens.redeem(jwt, { scope: 'job' })).rejects.toMatchObject({ code: 'token_exhausted' });
    await worker.close();
  });

  it('works on a DataSource with a name', async () => {
    const moduleRef = await compile(RequestTokenModule.forRoot({ ...OPTIONS, dataSource: 'tokens' }), {
      name: 'tokens',
    });
    const { token } = await moduleRef.get(TokenService).issue({ scope: 'x' });
    expect(
      await moduleRef.get<DataSource>('tokensDataSource').manager.findOneBy(RequestToken, { id: token.id }),
    ).toEqual(token);
  });

  it.each<[string, object, RegExp]>([
    ['no secret', { keys: undefined }, /keys is missing/],
    ['a short secret', { keys: 'short' }, /keys is too short: HS256 needs at least 32 bytes/],
    ['a relative base URL', { baseUrl: '/app' }, /baseUrl must be an absolute/],
    ['a misspelt option', { isuer: 'me' }, /isuer is not an option/],
    ['a default that is none', { defaults: { expiresIn: 'soon' } }, /defaults.expiresIn must be a duration/],
    [
      'a default that an environment variable should have set',
      { defaults: { expiresIn: process.env.NOT_SET } },
      /defaults.expiresIn is undefined; leave it out for tokens that are valid for ever/,
    ],
    ['users that are not there yet', { users: undefined }, /forRoot: users is undefined; leave it out if/],
    ['users that are neither', { users: 'User' }, /users must be/],
    [
      'users of a class that is no entity',
      { users: { entity: OptionsFactory } },
      /not an entity of the DataSource/,
    ],
    ['users with two keys', { users: { entity: Composite } }, /exactly one primary column/],
  ])('does not start with %s, and says how to mend it', async (_, options, message) => {
    const start = async () => {
      const module = RequestTokenModule.forRoot({ ...OPTIONS, ...options });
      return compile(module, {
        entities: [RequestToken, RequestTokenLog, RequestTokenRevocation, RequestTokenStatistic, Composite],
      });
    };
    await expect(start()).rejects.toThrow(message);
  });

  it('does not start with a factory that leaves undefined what bounds tokens', async () => {
    const module = RequestTokenModule.forRootAsync({
      useFactory: () => ({ ...OPTIONS, defaults: { expiresIn: undefined } }),
    });
    await expect(compile(module)).rejects.toThrow(/defaults.expiresIn is undefined/);
  });

  it('names every wrong option at once', async () => {
    const module = RequestTokenModule.forRootAsync({
      useFactory: () => ({ keys: 'short', baseUrl: 'example.com', parameter: 'r t' }),
    });
    await expect(compile(module)).rejects.toThrow(/keys[^]*baseUrl[^]*parameter/);
  });
});

@Controller()
class RsvpController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {}
}

describe.each(ADAPTER_NAMES)('%s: The options', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  it('parameter names the query parameter', async () => {
    app = await TestApp.start({ adapter, controllers: [RsvpController], token: { parameter: 'key' } });
    const { url, jwt } = await app.tokens.issue({ scope: 'rsvp', target: '/rsvp' });
    expect(new URL(url).searchParams.get('key')).toBe(jwt);
    await app.http.get('/rsvp').query({ rt: jwt }).expect(403);
    await app.get(url).expect(200);
  });

  it('defaults are what issue fills in', async () => {
    app = await TestApp.start({ adapter, token: { defaults: { expiresIn: '1h', maxUses: null } } });
    const { token } = await app.tokens.issue({ scope: 'x' });
    expect(token.maxUses).toBeNull();
    expect((token.expiresAt?.getTime() ?? 0) - token.issuedAt.getTime()).toBe(3_600_000);
    const own = await app.tokens.issue({ scope: 'x', maxUses: 2, expiresIn: 60 });
    expect(own.token.maxUses).toBe(2);
    expect((own.token.expiresAt?.getTime() ?? 0) - own.token.issuedAt.getTime()).toBe(60_000);
  });

  it('clockTolerance stretches the window in JWT and row', async () => {
    app = await TestApp.start({ adapter, controllers: [RsvpController], token: { clockTolerance: '1m' } });
    const issue = (options: object) => app.tokens.issue({ scope: 'rsvp', target: '/rsvp', ...options });
    const early = await issue({ notBefore: new Date(Date.now() + 90_000) });
    const late = await issue({ expiresIn: '1h', maxUses: null });
    await app.get(early.url).expect(403);
    app.kit.clock.advance('40s');
    await app.get(early.url).expect(200);
    app.kit.clock.advance(59 * 60 + 50);
    await app.get(late.url).expect(200);
    app.kit.clock.advance('1m');
    await app.get(late.url).expect(403);
  });

  it('logs: false writes no log, and counts all the same', async () => {
    app = await TestApp.start({ adapter, controllers: [RsvpController], token: { logs: false } });
    const { url, token, jwt } = await app.tokens.issue({ scope: 'rsvp', target: '/rsvp' });
    await app.get(url).expect(200);
    await app.get(url).expect(403);
    await expect(app.tokens.redeem(jwt)).rejects.toMatchObject({ code: 'token_exhausted' });
    await app.app.close();
    const dataSource = await new DataSource(app.dataSource.options).initialize();
    expect(await dataSource.manager.count(RequestTokenLog)).toBe(0);
    expect(await dataSource.manager.findOneBy(RequestToken, { id: token.id })).toMatchObject({ useCount: 1 });
    await dataSource.destroy();
  });

  it('issuer is in every token, and no other is accepted', async () => {
    app = await TestApp.start({
      adapter,
      controllers: [RsvpController],
      token: { issuer: 'https://one.example' },
    });
    const other = await TestApp.start({ adapter, token: { issuer: 'https://two.example' } });
    const { url } = await app.tokens.issue({ scope: 'rsvp', target: '/rsvp' });
    await app.get(url).expect(200);
    const foreign = await other.tokens.issue({ scope: 'rsvp', target: '/rsvp' });
    const { body } = await app.get(foreign.url).expect(403);
    expect(body.code).toBe('token_signature_invalid');
    await other.close();
  });

  it('keys can be rotated: the first signs, all verify', async () => {
    const OLD = 'the old secret has more than 32 bytes, too';
    app = await TestApp.start({ adapter, controllers: [RsvpController], token: { keys: OLD } });
    const databaseUrl = (app.dataSource.options as { url: string }).url;
    const { url } = await app.tokens.issue({ scope: 'rsvp', target: '/rsvp' });
    const rotated = await TestApp.start({
      adapter,
      controllers: [RsvpController],
      databaseUrl,
      token: {
        keys: [
          { alg: 'HS256', secret: SECRET },
          { alg: 'HS256', secret: OLD },
        ],
      },
    });
    await rotated.get(url).expect(200);
    const fresh = await rotated.tokens.issue({ scope: 'rsvp', target: '/rsvp' });
    await app.get(fresh.url).expect(403);
    await rotated.get(fresh.url).expect(200);
    await rotated.close();
  });

  it('a path in baseUrl stands before every target', async () => {
    app = await TestApp.start({
      adapter,
      controllers: [RsvpController],
      token: { baseUrl: 'https://example.com/app/' },
    });
    const { url, token } = await app.tokens.issue({ scope: 'rsvp', target: '/rsvp' });
    expect(pathOf(url)).toMatch(/^\/app\/rsvp\?rt=/);
    expect(token.targetPath).toBe('/rsvp');
    await app.http.get(pathOf(url).replace('/app', '')).expect(200);
  });
});
