import { afterEach, describe, expect, it } from '@jest/globals';
import {
  All,
  type ArgumentsHost,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  type INestApplication,
  Inject,
  Injectable,
  type InjectionToken,
  type ModuleMetadata,
  Next,
  type Provider,
  Req,
  Scope,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { GUARDS_METADATA } from '@nestjs/common/constants.js';
import { APP_GUARD, APP_INTERCEPTOR, LazyModuleLoader, REQUEST } from '@nestjs/core';
import { RouterExecutionContext } from '@nestjs/core/router/router-execution-context.js';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  isRequestTokenAuthenticated,
  RequestTokenException,
  RequestTokenGuard,
  RequestTokenInterceptor,
  RequestTokenModule,
  type RequestTokenRequest,
  RequestTokenUserLoader,
  TokenService,
  UseRequestToken,
} from 'nestjs-request-token';
import request from 'supertest';
import { DataSource } from 'typeorm';
import { type AdapterName, createApp } from '../../support/adapters.js';
import { createDatabase } from '../../support/database.js';
import { LoginRequired } from '../../support/login-required.guard.js';
import { LogKeeper } from '../../support/log-keeper.js';
import { SECRET, TestApp, type TestAppOptions } from '../../support/test-app.js';
import { ADAPTERS_AND_KINDS } from '../../support/token-kinds.js';

/** How often a handler ran that nobody should have reached. */
let runs = 0;
afterEach(() => {
  runs = 0;
});

const run = (answer: unknown) => {
  runs++;
  return answer;
};

const OPTIONS = { keys: SECRET, baseUrl: 'https://example.com' };

@Controller()
class LinksController {
  @Get('open')
  @UseRequestToken({ scope: 'x', direct: true })
  open(@Req() request: RequestTokenRequest) {
    return run(request.user);
  }

  @All('confirm')
  @UseRequestToken({ scope: 'x', confirm: true })
  confirm(@Req() request: RequestTokenRequest) {
    return run(request.user);
  }

  @Get('optional')
  @UseRequestToken({ scope: 'x', direct: true, required: false })
  optional(@Req() request: RequestTokenRequest) {
    return run({ user: request.user });
  }

  @Get('plain')
  plain() {
    return 'plain';
  }
}

@Controller('class')
@UseRequestToken({ scope: 'x', direct: true })
class DecoratedController {
  @Get('open')
  open() {
    return run('open');
  }
}

type Handler = (...args: unknown[]) => unknown;

/** While something puts a function of its own into the place of every handler. */
async function instrumented(dress: (handler: Handler, wrapped: Handler) => void, run: () => Promise<void>) {
  const prototype = RouterExecutionContext.prototype as unknown as { create: Handler };
  const { create } = prototype;
  prototype.create = function (this: unknown, instance, callback, ...rest) {
    const handler = callback as Handler;
    const wrapped = function (this: unknown, ...args: unknown[]) {
      return handler.apply(this, args);
    };
    dress(handler, wrapped);
    return create.call(this, instance, wrapped, ...rest);
  };
  try {
    await run();
  } finally {
    prototype.create = create;
  }
}

/** An app that has no module of ours, or one that is of no use. */
async function bareApp(adapter: AdapterName, metadata: ModuleMetadata, logger = new LogKeeper()) {
  const moduleRef = await Test.createTestingModule(metadata).compile();
  const app = createApp(adapter, moduleRef, { logger, trustProxy: false });
  await app.listen(0, '127.0.0.1');
  return { app, logger, http: request(app.getHttpServer() as never) };
}

describe.each(ADAPTERS_AND_KINDS)('%s, %s tokens: A decorated route', (adapter, _, defaults) => {
  const opened: INestApplication[] = [];
  const started: TestApp[] = [];
  afterEach(async () => {
    for (const app of opened.splice(0)) await app.close();
    for (const app of started.splice(0)) await app.close();
  });

  const bare = async (metadata: ModuleMetadata) => {
    const bareOne = await bareApp(adapter, metadata);
    opened.push(bareOne.app);
    return bareOne;
  };
  const start = async (options: TestAppOptions = {}) => {
    const app = await TestApp.start({
      adapter,
      controllers: [LinksController, DecoratedController],
      ...options,
      token: { defaults, ...options.token },
    });
    started.push(app);
    return app;
  };

  describe('without the module', () => {
    it.each(['/open', '/confirm', '/optional', '/class/open'])('%s is closed', async (path) => {
      const { http } = await bare({ controllers: [LinksController, DecoratedController] });
      await http.get(path).expect(503);
      await http.get(`${path}?rt=junk`).expect(503);
      await http.post(path).expect(({ status }) => expect([503, 404]).toContain(status));
      expect(runs).toBe(0);
      await http.get('/plain').expect(200, 'plain');
    });

    it('names the route and what is missing', async () => {
      @Controller()
      class NewsletterController {
        @Get('unsubscribe')
        @UseRequestToken({ scope: 'unsubscribe', direct: true })
        unsubscribe() {
          return run('done');
        }
      }
      const { http, logger } = await bare({ controllers: [NewsletterController] });
      for (let i = 0; i < 3; i++) await http.get('/unsubscribe').expect(503);
      const said = logger.errors.filter((text) => text.includes('NewsletterController.unsubscribe'));
      expect(said).toEqual([expect.stringMatching(/RequestTokenModule\.forRoot\(\)/)]);
    });

    it('shows its guard to whoever looks', () => {
      const guardsOf = (target: object) => Reflect.getMetadata(GUARDS_METADATA, target) as unknown[];
      expect(
        guardsOf(Object.getOwnPropertyDescriptor(LinksController.prototype, 'open')!.value as object),
      ).toHaveLength(1);
      expect(guardsOf(DecoratedController)).toHaveLength(1);
    });

    it('is closed when something has wrapped its handler, and kept its metadata to itself', async () => {
      const Wrap: MethodDecorator = (_target, _name, descriptor: PropertyDescriptor) => {
        const wrapped = descriptor.value as (...args: unknown[]) => unknown;
        descriptor.value = function (this: unknown, ...args: unknown[]) {
          return wrapped.apply(this, args);
        };
      };
      @Controller()
      class WrappedController {
        @Get('wrapped')
        @Wrap
        @UseRequestToken({ scope: 'x', direct: true })
        wrapped() {
          return run('wrapped');
        }
      }
      const { http } = await bare({ controllers: [WrappedController] });
      await http.get('/wrapped').expect(503);
      expect(runs).toBe(0);
      const app = await start({ controllers: [WrappedController] });
      await app.http.get('/wrapped').expect(403);
      const { url } = await app.tokens.issue({ scope: 'x', target: '/wrapped' });
      await app.get(url).expect(200, 'wrapped');
      await app.get(url).expect(403);
      expect(runs).toBe(1);
    });
  });

  describe('whose handler is not the method that was decorated', () => {
    @Controller()
    class BoundController {
      constructor() {
        this.bound = this.bound.bind(this);
      }

      @Get('bound')
      @UseRequestToken({ scope: 'x', direct: true })
      bound() {
        return run('bound');
      }

      @Get('free')
      free() {
        return 'free';
      }
    }

    it('is closed when it is bound in the constructor, and the module says so at boot', async () => {
      const { http } = await bare({ controllers: [BoundController] });
      await http.get('/bound').expect(503);
      await http.get('/bound?rt=junk').expect(503);
      await http.get('/free').expect(200, 'free');
      expect(runs).toBe(0);
      await expect(start({ controllers: [BoundController] })).rejects.toThrow(
        /BoundController\.bound: its instance/,
      );
    });

    it.each<[string, string | undefined]>([
      ['and its name', undefined],
      ['but not its name', 'wrapped'],
    ])('is closed when instrumentation keeps its metadata to itself, %s', async (_, name) => {
      await instrumented(
        (handler, wrapped) => Object.defineProperty(wrapped, 'name', { value: name ?? handler.name }),
        async () => {
          const app = await start();
          for (const path of ['/open', '/open?rt=junk', '/class/open', '/confirm']) {
            const { status } = await app.http.get(path);
            expect([403, 503]).toContain(status);
          }
          const { url } = await app.tokens.issue({ scope: 'x', target: '/open' });
          await app.get(url).expect(503);
          expect(runs).toBe(0);
        },
      );
    });
  });

  it('goes by its own scope when several controllers share one function', async () => {
    const shared = (scope: string) => {
      @Controller(scope)
      class Dynamic {}
      const place = { value: run0, configurable: true, writable: true };
      Object.defineProperty(Dynamic.prototype, 'run', place);
      Get('run')(Dynamic.prototype, 'run', place);
      UseRequestToken({ scope, direct: true })(Dynamic.prototype, 'run', place);
      return Dynamic;
    };
    function run0() {
      return run('ran');
    }
    const app = await start({ controllers: [shared('admin'), shared('news')] });
    for (const scope of ['admin', 'news']) {
      const { jwt } = await app.tokens.issue({ scope, maxUses: null });
      for (const place of ['admin', 'news'])
        await app.http
          .get(`/${place}/run`)
          .query({ rt: jwt })
          .expect(place === scope ? 200 : 403);
    }
  });

  it.each<[string, unknown[]]>([
    ['is not called', [LinksController.prototype, 'plain', { value: () => undefined }]],
    ['is not called, on a class', [LinksController]],
    ['is given undefined', [undefined]],
    ['is given a scope that is undefined', [{ scope: undefined }]],
    ['is given confirm that is undefined', [{ confirm: undefined }]],
  ])('is none when its decorator %s: that throws', (_, given) => {
    expect(() => (UseRequestToken as (...args: unknown[]) => unknown)(...given)).toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('@UseRequestToken') }),
    );
  });

  it('is none when two of them are one function: that throws', () => {
    class Twice {}
    const place = { value: () => 'ran', configurable: true, writable: true };
    for (const name of ['one', 'two']) Object.defineProperty(Twice.prototype, name, place);
    UseRequestToken({ scope: 'a' })(Twice.prototype, 'one', place);
    expect(() => UseRequestToken({ scope: 'b' })(Twice.prototype, 'two', place)).toThrow(/are one function/);
  });

  it('is warned of where a class overrides it and does not decorate it', async () => {
    @Controller('derived')
    class Derived extends LinksController {
      @Get('open')
      override open() {
        return run('overridden');
      }
    }
    const logger = new LogKeeper();
    await start({ controllers: [Derived], logger });
    expect(logger.warnings).toContainEqual(expect.stringContaining('Derived.open: it takes the place'));
  });

  it('does not let the app start with the module registered twice', async () => {
    const second = RequestTokenModule.forRoot({ ...OPTIONS, keys: `another ${SECRET}` });
    await expect(start({ imports: [second] })).rejects.toThrow(/registered twice/);
  });

  it('is not served when somebody has answered while its token was checked', async () => {
    class SlowUsers extends RequestTokenUserLoader {
      async load(id: string) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        return { id };
      }
    }
    const app = await start({
      token: { users: SlowUsers },
      configure: (nest) =>
        nest.use((_req: unknown, res: { statusCode: number; end(): void }, next: () => void) => {
          // As middleware does that limits the time of requests.
          setTimeout(() => {
            res.statusCode = 503;
            res.end();
          }, 20);
          next();
        }),
    });
    const { url, token } = await app.tokens.issue({ user: '7', scope: 'x', target: '/open' });
    for (let i = 0; i < 3; i++) await app.get(url).expect(503);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect({ runs, uses: await app.uses(token.id) }).toEqual({ runs: 0, uses: 0 });
  });

  it('is closed in an app that loads the module lazily, when its routes are there already', async () => {
    const database = await createDatabase();
    try {
      const { app, http } = await bare({
        imports: [
          TypeOrmModule.forRoot({
            type: 'postgres',
            url: database.url,
            autoLoadEntities: true,
            synchronize: true,
          }),
        ],
        controllers: [LinksController],
      });
      await app
        .get(LazyModuleLoader)
        .load(() => RequestTokenModule.forRoot(OPTIONS))
        .catch(() => undefined);
      await http.get('/open').expect(503);
      await http.get('/confirm').expect(503);
      expect(runs).toBe(0);
      await app.close();
    } finally {
      opened.splice(0);
      await database.drop();
    }
  });

  it('is checked when instrumentation hands Nest a handler of its own, as OpenTelemetry does', async () => {
    await instrumented(
      (handler, wrapped) => {
        Object.defineProperty(wrapped, 'name', { value: handler.name });
        for (const key of Reflect.getMetadataKeys(handler) as unknown[])
          Reflect.defineMetadata(key, Reflect.getMetadata(key, handler), wrapped);
      },
      async () => {
        const app = await start();
        await app.http.get('/open').expect(403);
        const { url } = await app.tokens.issue({ scope: 'x', target: '/open' });
        await app.get(url).expect(200);
        await app.get(url).expect(403);
        expect(runs).toBe(1);
      },
    );
  });

  describe('with providers that are made for each request', () => {
    @Injectable({ scope: Scope.REQUEST })
    class Tenant {
      constructor(@Inject(REQUEST) readonly request: { headers?: { tenant?: string } }) {}
    }

    const asyncApp = async (inject: Provider[], useFactory: (...args: never[]) => object) => {
      const database = await createDatabase();
      const hooks = { module: class HooksModule {}, providers: inject, exports: inject as never };
      const moduleRef = await Test.createTestingModule({
        imports: [
          TypeOrmModule.forRoot({
            type: 'postgres',
            url: database.url,
            autoLoadEntities: true,
            synchronize: true,
          }),
          RequestTokenModule.forRootAsync({
            imports: [hooks],
            inject: inject as InjectionToken[],
            useFactory: useFactory as never,
          }),
        ],
        controllers: [LinksController],
      }).compile();
      const app = createApp(adapter, moduleRef, { logger: false, trustProxy: false });
      await app.listen(0, '127.0.0.1');
      opened.push({ close: async () => (await app.close(), await database.drop()) } as INestApplication);
      return { app, tokens: app.get(TokenService), http: request(app.getHttpServer() as never) };
    };

    it('is checked when the factory of the options injects them, and hooks are those of the request', async () => {
      const { http, tokens } = await asyncApp([Tenant], (tenant: Tenant) => ({
        ...OPTIONS,
        onRefused: () => ({ text: `Ask ${tenant.request.headers?.tenant}.` }),
      }));
      await http.get('/open').expect(403);
      await http.get('/confirm?rt=junk').expect(403);
      await http
        .get('/open')
        .set('tenant', 'acme')
        .set('Accept', 'text/html')
        .expect(403)
        .expect(/Ask acme\./);
      expect(runs).toBe(0);
      const { url } = await tokens.issue({ scope: 'x', target: '/open' });
      await http.get(url.replace('https://example.com', '')).expect(200);
      await http.get(url.replace('https://example.com', '')).expect(403);
    });

    it('does not start when the options need a request', async () => {
      const starting = asyncApp([Tenant], (tenant: Tenant) => ({
        ...OPTIONS,
        keys: `${SECRET}${(tenant.request.headers as { tenant: string }).tenant}`,
      }));
      await expect(starting).rejects.toThrow();
    });
  });

  it('does not let the app start with hoistGuard: false and nothing registered, whatever the loader injects', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class ScopedLoader extends RequestTokenUserLoader {
      load(id: string) {
        return Promise.resolve({ id });
      }
    }
    await expect(start({ token: { users: ScopedLoader, hoistGuard: false } })).rejects.toThrow(
      /register the guard and the interceptor yourself/,
    );
  });

  it('does not let the app start when its DataSource is made for each request', async () => {
    const scopedDatabase = {
      module: class ScopedDatabase {},
      providers: [
        { provide: 'TENANT', scope: Scope.REQUEST, useFactory: () => 'acme' },
        { provide: DataSource, useFactory: () => ({}), inject: ['TENANT'] },
      ],
      exports: [DataSource],
      global: true,
    };
    const starting = bare({
      imports: [scopedDatabase, RequestTokenModule.forRoot(OPTIONS)],
      controllers: [LinksController],
    });
    await expect(starting).rejects.toThrow(/DataSource/);
  });

  describe('whose controller is decorated, too', () => {
    @Controller('admin')
    @UseRequestToken({ scope: 'admin', log: false })
    class AdminController {
      @All('purge')
      @UseRequestToken({ confirm: true })
      purge() {
        return run('purged');
      }

      @Get('look')
      @UseRequestToken({ scope: 'look', direct: true, log: true })
      look() {
        return run('looked');
      }
    }

    @Controller('derived')
    @UseRequestToken({ direct: true })
    class DerivedController extends AdminController {
      @Get('show')
      show() {
        return run('shown');
      }
    }

    it('takes the scope of its controller', async () => {
      const app = await start({ controllers: [AdminController] });
      const other = await app.tokens.issue({ scope: 'other', target: '/admin/purge' });
      await app
        .get(other.url)
        .expect(403)
        .expect(({ body }) => expect(body.code).toBe('token_scope_mismatch'));
      await app.http.post('/admin/purge').query({ rt: other.jwt }).expect(403);
      const { jwt, token } = await app.tokens.issue({ scope: 'admin', target: '/admin/purge' });
      await app.http.get('/admin/purge').query({ rt: jwt }).expect(200).expect(/<form/);
      await app.http.post('/admin/purge').query({ rt: jwt }).expect(200, 'purged');
      await app.kit.settled();
      expect(await app.logs(token.id)).toEqual([]);
    });

    it('has the last say', async () => {
      const app = await start({ controllers: [AdminController] });
      const { url, token } = await app.tokens.issue({ scope: 'look', target: '/admin/look' });
      await app.get(url).expect(200, 'looked');
      expect(await app.settledLogs(token.id)).toMatchObject([{ outcome: 'used' }]);
    });

    it('takes the scope of a controller that its own one extends', async () => {
      const app = await start({ controllers: [DerivedController] });
      const other = await app.tokens.issue({ scope: 'other', target: '/derived/show' });
      await app.get(other.url).expect(403);
      const { url } = await app.tokens.issue({ scope: 'admin', target: '/derived/show' });
      await app.get(url).expect(200, 'shown');
    });
  });

  it('leaves alone what is not decorated, in the same controller and in those that share a base', async () => {
    class Base {
      @Get('shared')
      shared() {
        return 'shared';
      }
    }
    @Controller('closed')
    @UseRequestToken({ scope: 'x', direct: true })
    class Closed extends Base {}
    @Controller('free')
    class Free extends Base {}
    const app = await start({ controllers: [Closed, Free, LinksController] });
    await app.http.get('/closed/shared').expect(403);
    await app.http.get('/free/shared').expect(200, 'shared');
    await app.http.get('/plain').expect(200, 'plain');
  });
});

describe('express: A handler that passes its request on', () => {
  let app: TestApp;
  afterEach(() => app.close());

  it('gives the next route neither its user nor its token', async () => {
    @Controller()
    class Chain {
      @Get('chain')
      @UseRequestToken({ scope: 'x', direct: true })
      first(@Next() next: () => void) {
        next();
      }

      @Get('chain')
      second(@Req() request: RequestTokenRequest) {
        return {
          user: request.user,
          claims: request.requestTokenClaims,
          token: request.requestToken,
          byToken: isRequestTokenAuthenticated(request),
        };
      }
    }
    app = await TestApp.start({ adapter: 'express', controllers: [Chain] });
    const { url } = await app.tokens.issue({ user: 7, scope: 'x', target: '/chain' });
    await app.get(url).expect(200, { byToken: false });
  });

  it('does not let it pass a guard of the next route', async () => {
    @Controller()
    class Chain {
      @Get('chain')
      @UseRequestToken({ scope: 'x', direct: true })
      first(@Next() next: () => void) {
        next();
      }

      @Get('chain')
      @UseGuards(LoginRequired)
      second() {
        return run('second');
      }
    }
    app = await TestApp.start({ adapter: 'express', controllers: [Chain] });
    const { url } = await app.tokens.issue({ user: 7, scope: 'x', target: '/chain' });
    await app.get(url).expect(401);
    expect(runs).toBe(0);
  });

  it('gives the next route no user that a guard has put in the place of its own', async () => {
    @Injectable()
    class Enrich implements CanActivate {
      canActivate(context: ExecutionContext) {
        const request = context.switchToHttp().getRequest<RequestTokenRequest>();
        request.user = { ...(request.user as object), roles: ['reader'] };
        return true;
      }
    }
    @Controller()
    class Chain {
      @Get('chain')
      @UseRequestToken({ scope: 'x', direct: true })
      @UseGuards(Enrich)
      first(@Next() next: () => void) {
        next();
      }

      @Get('chain')
      @UseGuards(LoginRequired)
      second() {
        return run('second');
      }
    }
    app = await TestApp.start({ adapter: 'express', controllers: [Chain] });
    const { url } = await app.tokens.issue({ user: 7, scope: 'x', target: '/chain' });
    await app.get(url).expect(401);
    expect(runs).toBe(0);
  });

  it('takes a use for each handler that runs', async () => {
    @Controller()
    class Chain {
      @Get(['chain/:id', 'chain/*rest'])
      @UseRequestToken({ scope: 'x', direct: true })
      both(@Req() _request: unknown, @Next() next: () => void) {
        run('one');
        next();
      }
    }
    app = await TestApp.start({ adapter: 'express', controllers: [Chain] });
    const { url, token } = await app.tokens.issue({ user: 7, scope: 'x', target: '/chain/1' });
    await app.get(url).expect(403);
    expect(runs).toBe(1);
    const twice = await app.tokens.issue({ user: 7, scope: 'x', target: '/chain/1', maxUses: 2 });
    await app.get(twice.url).expect(404);
    expect(runs).toBe(3);
    expect((await app.row(token.id)).useCount).toBeLessThanOrEqual(1);
  });

  it('asks the next class for its own options, though the handler is the same', async () => {
    class Base {
      @Get('page')
      page(@Req() { user }: RequestTokenRequest, @Next() next: () => void) {
        if (user) next();
        else run('anonymous');
        if (!user) next();
      }
    }
    @Controller()
    @UseRequestToken({ scope: 'a', required: false, direct: true })
    class A extends Base {}
    @Controller()
    @UseRequestToken({ scope: 'b', direct: true })
    class B extends Base {}
    app = await TestApp.start({ adapter: 'express', controllers: [A, B] });
    await app.http
      .get('/page')
      .expect(403)
      .expect(({ body }) => expect(body.code).toBe('token_missing'));
    expect(runs).toBe(1);
    const { jwt } = await app.tokens.issue({ user: 7, scope: 'a', maxUses: null });
    await app.http.get('/page').query({ rt: jwt }).expect(403);
  });

  it.each([true, false])(
    'is let in nowhere by a filter that passes refusals on (hoistGuard: %s)',
    async (hoistGuard) => {
      const seen: unknown[] = [];
      @Catch(RequestTokenException)
      class PassOn implements ExceptionFilter {
        catch(_: unknown, host: ArgumentsHost) {
          const request = host.switchToHttp().getRequest<RequestTokenRequest>();
          seen.push(request.user, isRequestTokenAuthenticated(request));
          host.switchToHttp().getNext<() => void>()();
        }
      }
      @Controller()
      class Links {
        @Get(['links/:id', 'links/*rest'])
        @UseRequestToken({ scope: 'x', direct: true })
        @UseFilters(PassOn)
        open(@Req() { user }: RequestTokenRequest) {
          return run(user);
        }
      }
      const registered = hoistGuard
        ? []
        : [
            { provide: APP_GUARD, useExisting: RequestTokenGuard },
            { provide: APP_INTERCEPTOR, useExisting: RequestTokenInterceptor },
          ];
      app = await TestApp.start({
        adapter: 'express',
        controllers: [Links],
        providers: registered,
        token: { hoistGuard },
      });
      const { url, token } = await app.tokens.issue({ user: 7, scope: 'x', target: '/links/1' });
      await app.get(url).expect(200);
      await app.get(url).expect(404);
      await app.tokens.revoke(token.id);
      await app.get(url).expect(404);
      await app.http.get('/links/1?rt=junk').expect(404);
      expect(runs).toBe(1);
      expect(new Set(seen)).toEqual(new Set([undefined, false]));
    },
  );
});
