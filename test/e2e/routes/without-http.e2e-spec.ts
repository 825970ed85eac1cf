import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  All,
  Controller,
  Get,
  type INestApplication,
  type INestApplicationContext,
  Module,
  type ModuleMetadata,
  type OnModuleInit,
  Param,
  RequestMethod,
  Version,
  VERSION_NEUTRAL,
  VersioningType,
} from '@nestjs/common';
import { NestFactory, RouterModule } from '@nestjs/core';
import { Transport } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  RequestTokenModule,
  type RequestTokenModuleOptions,
  type RequestTokenRoutesOptions,
  route,
  TokenService,
  UseRequestToken,
} from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { LogKeeper } from '../../support/log-keeper.js';
import { pathOf, SECRET, TestApp } from '../../support/test-app.js';

@Controller('events')
class EventsController {
  @All(':slug/leave')
  @UseRequestToken({ scope: 'leave', confirm: true })
  leave(@Param('slug') slug: string) {
    return `left ${slug}`;
  }

  @Get(':slug')
  @Version(['2', '1'])
  @UseRequestToken({ scope: 'show', direct: true })
  show(@Param('slug') slug: string) {
    return `shown ${slug}`;
  }
}

@Module({ controllers: [EventsController] })
class EventsModule {}

const URI = { type: VersioningType.URI } as const;

/** What the app says of its routes, and what it is told to say of them in a process that does not serve them. */
const APIS: [string, RequestTokenRoutesOptions, NonNullable<ModuleMetadata['imports']>?][] = [
  ['neither prefix nor versions', {}],
  ['a global prefix', { globalPrefix: 'api' }],
  ['a global prefix with slashes', { globalPrefix: '/v0/api/' }],
  [
    'routes without the global prefix',
    {
      globalPrefix: 'api',
      globalPrefixOptions: {
        exclude: [{ path: 'events/:slug', method: RequestMethod.GET }, 'events/:slug/leave'],
      },
    },
  ],
  [
    'URI versions',
    { versioning: { ...URI, defaultVersion: ['3', '3', VERSION_NEUTRAL], prefix: 'version-' } },
  ],
  ['a global prefix and URI versions', { globalPrefix: 'api', versioning: { ...URI, defaultVersion: '1' } }],
  [
    'versions that stand in a header',
    { versioning: { type: VersioningType.HEADER, header: 'v', defaultVersion: VERSION_NEUTRAL } },
  ],
  [
    'module paths',
    { globalPrefix: 'api' },
    [RouterModule.register([{ path: 'shop', module: EventsModule }])],
  ],
];

const configure =
  ({ globalPrefix, globalPrefixOptions, versioning }: RequestTokenRoutesOptions) =>
  (app: INestApplication) => {
    if (globalPrefix !== undefined) app.setGlobalPrefix(globalPrefix, globalPrefixOptions);
    if (versioning) app.enableVersioning(versioning);
  };

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

let database: TestDatabase;
beforeAll(async () => void (database = await createDatabase()));
afterAll(() => database.drop());

function moduleOf(options: Partial<RequestTokenModuleOptions>, imports: ModuleMetadata['imports'] = []) {
  @Module({
    imports: [
      TypeOrmModule.forRoot({
        type: 'postgres',
        url: database.url,
        autoLoadEntities: true,
        synchronize: true,
        retryAttempts: 0,
      }),
      RequestTokenModule.forRoot({ keys: SECRET, baseUrl: 'https://example.com', ...options }),
      ...imports,
    ],
  })
  class WorkerModule {}
  return WorkerModule;
}

/** Every way to make a process that serves no HTTP. */
const KINDS: Record<string, (module: ReturnType<typeof moduleOf>) => Promise<INestApplicationContext>> = {
  createApplicationContext: (module) => NestFactory.createApplicationContext(module, { logger: false }),
  createMicroservice: (module) =>
    NestFactory.createMicroservice(module, { logger: false, transport: Transport.TCP }).then(
      async (microservice) => microservice.init(),
    ),
  'a testing module without an app': async (module) =>
    (await Test.createTestingModule({ imports: [module] }).compile()).init(),
};

async function start(
  options: Partial<RequestTokenModuleOptions>,
  imports?: ModuleMetadata['imports'],
  kind = 'createApplicationContext',
) {
  const worker = await KINDS[kind](moduleOf(options, imports));
  cleanUps.push(() => worker.close());
  return worker.get(TokenService);
}

const leave = () => route(EventsController, 'leave', { params: { slug: 'a b' }, query: { utm: 'mail' } });
const show = () => route(EventsController, 'show', { params: { slug: 'spring' } });
const bare = (url: string) => url.replace(/rt=[^&]+/, 'rt=…');

describe.each(ADAPTER_NAMES)('A process without HTTP and an API on %s', (adapter) => {
  it.each(APIS)('make the same link to the letter, with %s', async (_, routes, imports = []) => {
    const api = await TestApp.start({
      adapter,
      databaseUrl: database.url,
      imports: [EventsModule, ...imports],
      configure: configure(routes),
    });
    cleanUps.push(() => api.close());
    const worker = await start({ routes }, [EventsModule, ...imports]);
    for (const target of [leave, show]) {
      const [theirs, ours] = [
        await api.tokens.issue({ target: target() }),
        await worker.issue({ target: target() }),
      ];
      expect(bare(ours.url)).toBe(bare(theirs.url));
      expect(ours.token).toMatchObject({ scope: theirs.token.scope, targetPath: theirs.token.targetPath });
    }
    const link = await worker.issue({ target: leave() });
    expect(await api.kit.click(link)).toMatchObject({ status: 200, text: 'left a b' });
    const { url } = await worker.issue({ target: show() });
    await api.http.get(pathOf(url)).set('v', '1').expect(200, 'shown spring');

    expect(worker.listUnsubscribe(link)).toEqual(api.tokens.listUnsubscribe(link));
    const elsewhere = await worker.issue({ scope: 'leave', target: '/elsewhere/a/leave' });
    expect(() => worker.listUnsubscribe(elsewhere)).toThrow('must lead to a route that acts on POST');
  });

  it('do not boot when the API says something else than it is told', async () => {
    const boot = (said: RequestTokenRoutesOptions, told: RequestTokenRoutesOptions) =>
      TestApp.start({
        adapter,
        databaseUrl: database.url,
        imports: [EventsModule],
        token: { routes: told },
        configure: configure(said),
      }).then((api) => cleanUps.push(() => api.close()));
    const versioning = { ...URI, defaultVersion: '1' };
    await expect(boot({}, { globalPrefix: 'api' })).rejects.toThrow(
      /EventsController\.leave is served on \/events\/:slug\/leave, and by the option routes .* on \/api\/events\/:slug\/leave/,
    );
    await expect(boot({ globalPrefix: 'api', versioning }, { globalPrefix: 'api' })).rejects.toThrow(
      '/api/v1/events',
    );
    await expect(boot({ globalPrefix: 'api' }, {})).rejects.toThrow('app.setGlobalPrefix()');
    await boot({ globalPrefix: '/api', versioning }, { globalPrefix: 'api/', versioning });
  });
});

describe.each(Object.keys(KINDS))('%s', (kind) => {
  it('makes no link by route() that it is not told the path of, and says what to set', async () => {
    const tokens = await start({}, [EventsModule], kind);
    await expect(tokens.issue({ target: leave() })).rejects.toThrow(
      /route\(EventsController, 'leave'\).*serves no HTTP.*routes: \{ globalPrefix, versioning \}.*path and a scope/,
    );
    const link = await tokens.issue({ scope: 'leave', target: '/api/events/a/leave' });
    expect(() => tokens.listUnsubscribe(link)).toThrow('the option routes');
  });

  it('makes links by route() when it is told their paths', async () => {
    const tokens = await start({ routes: { globalPrefix: 'api' } }, [EventsModule], kind);
    expect((await tokens.issue({ target: show() })).url).toMatch('https://example.com/api/events/spring?rt=');
  });

  it('that imports no controller gives path and scope, and may say that the route acts on POST', async () => {
    const tokens = await start({}, [], kind);
    const link = await tokens.issue({ scope: 'leave', target: '/api/events/a/leave' });
    expect(tokens.listUnsubscribe(link)['List-Unsubscribe']).toBe(`<${link.url}>`);
    expect(() => tokens.listUnsubscribe({ ...link, token: { ...link.token, targetPath: null } })).toThrow(
      'must lead to a route',
    );
    await expect(tokens.issue({ target: leave() })).rejects.toThrow(
      'EventsController is not a controller of this app; import the module that declares it',
    );
  });
});

describe('A process without HTTP', () => {
  it('warns of no route, as it serves none', async () => {
    const logger = new LogKeeper();
    @Controller()
    class Scanned {
      @Get('scanned')
      @UseRequestToken()
      scanned() {}
    }
    @Module({ controllers: [Scanned] })
    class ScannedModule {}
    const worker = await NestFactory.createApplicationContext(moduleOf({}, [ScannedModule]), { logger });
    cleanUps.push(() => worker.close());
    expect(logger.warnings.filter((text) => text.includes('Scanned'))).toEqual([]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ globalPrefix: undefined }, 'globalPrefix is undefined; leave it out if the API has none'],
    [{ versioning: undefined }, 'versioning is undefined'],
    [{ prefix: 'api' }, 'prefix is not an option'],
    [{ globalPrefix: 7 }, 'routes.globalPrefix must be a text'],
    [{ globalPrefixOptions: { exclude: 'health' } }, 'routes.globalPrefixOptions must be an object such as'],
    [{ versioning: 'URI' }, 'routes.versioning must be an object such as'],
  ])('does not boot with routes: %j', async (routes, text) => {
    await expect(start({ routes }, [], 'a testing module without an app')).rejects.toThrow(text);
  });
});

describe('An app whose links are made before it has said its prefix', () => {
  it('does not boot, and says when to make them', async () => {
    const module = moduleOf({}, [EventsModule]);
    const app = await NestFactory.create(module, { logger: false });
    cleanUps.push(() => app.close());
    await app.get(TokenService).issue({ target: show() });
    app.setGlobalPrefix('api');
    await expect(app.init()).rejects.toThrow(/before app\.setGlobalPrefix\(\).*onModuleInit/);
  });

  it('has the prefix in those that it makes from onModuleInit on', async () => {
    @Module({ imports: [moduleOf({}, [EventsModule])] })
    class EarlyModule implements OnModuleInit {
      constructor(private readonly tokens: TokenService) {}

      async onModuleInit() {
        const { url } = await this.tokens.issue({ target: show() });
        expect(url).toMatch('/api/events/spring?rt=');
      }
    }
    const app = await NestFactory.create(EarlyModule, { logger: false });
    cleanUps.push(() => app.close());
    app.setGlobalPrefix('api');
    await app.init();
    expect.assertions(1);
  });
});
