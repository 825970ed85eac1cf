import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  ForbiddenException,
  Get,
  Inject,
  Injectable,
  Module,
  Req,
  Scope,
  UnauthorizedException,
  UseGuards,
  UseInterceptors,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import {
  AllowRequestToken,
  isRequestTokenAuthenticated,
  type RequestTokenRequest,
  RequestTokenUserLoader,
  UseRequestToken,
} from 'nestjs-request-token';
import { of } from 'rxjs';
import { LoginRequired } from '../../support/login-required.guard.js';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { TestApp, type TestAppOptions } from '../../support/test-app.js';

@Injectable({ scope: Scope.REQUEST })
class RequestScopedLoginRequired extends LoginRequired {}

@Module({ providers: [{ provide: APP_GUARD, useClass: LoginRequired }] })
class AuthModule {}

/** As passport's: asks for a credential of its own, and overwrites the user. */
@Injectable()
class BearerRequired implements CanActivate {
  constructor(@Inject('BEARER') private readonly bearer: string) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context
      .switchToHttp()
      .getRequest<RequestTokenRequest & { headers: { authorization?: string } }>();
    if (request.headers.authorization !== `Bearer ${this.bearer}`) throw new UnauthorizedException();
    request.user = { id: 'bearer' };
    return true;
  }
}

@Injectable()
class Refuse implements CanActivate {
  canActivate(): boolean {
    throw new ForbiddenException('not by a guard');
  }
}

@Injectable()
class SomebodyElse implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    context.switchToHttp().getRequest<RequestTokenRequest>().user = { id: 8 };
    return true;
  }
}

const MUTATIONS: Record<string, (user: object) => void> = {
  id: (user) => Object.assign(user, { id: '8' }),
  number: (user) => Object.assign(user, { id: 8 }),
  getter: (user) => Object.defineProperty(user, 'id', { get: () => '8' }),
  none: (user) => Reflect.deleteProperty(user, 'id'),
  name: (user) => Object.assign(user, { name: 'Ann' }),
};

/** Makes somebody else of the user without putting another object there. */
@Injectable()
class Mutate implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { user, query } = context
      .switchToHttp()
      .getRequest<RequestTokenRequest & { query: { mutate: string } }>();
    MUTATIONS[query.mutate](user as object);
    return true;
  }
}

/** Its users have no key by which they could be compared. */
@Injectable()
class KeylessLoader extends RequestTokenUserLoader {
  load() {
    return Promise.resolve({ mail: 'ann@example.com' });
  }
}

/** Finds users in another form of the key than the token's. */
@Injectable()
class LowerCaseLoader extends RequestTokenUserLoader {
  load(userId: string) {
    return Promise.resolve({ id: userId.toLowerCase() });
  }
}

@Injectable()
class Nobody implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    context.switchToHttp().getRequest<RequestTokenRequest>().user = undefined;
    return true;
  }
}

@Injectable()
class Cache implements NestInterceptor {
  intercept() {
    return of('from the cache');
  }
}

const me = (request: RequestTokenRequest) => (request.user as { id: string }).id;

@Controller()
class PageController {
  @Get('page')
  @UseRequestToken({ scope: 'page' })
  page(@Req() request: RequestTokenRequest) {
    return me(request);
  }

  @Get('above')
  @UseGuards(LoginRequired)
  @UseRequestToken({ scope: 'page' })
  above(@Req() request: RequestTokenRequest) {
    return me(request);
  }

  @Get('below')
  @UseRequestToken({ scope: 'page' })
  @UseGuards(LoginRequired)
  below(@Req() request: RequestTokenRequest) {
    return me(request);
  }

  @Get('refused')
  @UseRequestToken({ scope: 'page' })
  @UseGuards(Refuse)
  refused() {}

  @Get('refused-above')
  @UseGuards(Refuse)
  @UseRequestToken({ scope: 'page' })
  refusedAbove() {}

  @Get('changed')
  @UseRequestToken({ scope: 'page' })
  @UseGuards(SomebodyElse)
  changed() {}

  @Get('mutated')
  @UseRequestToken({ scope: 'page' })
  @UseGuards(Mutate)
  mutated(@Req() request: RequestTokenRequest) {
    return request.user;
  }

  @Get('removed')
  @UseRequestToken({ scope: 'page' })
  @UseGuards(Nobody)
  removed() {}

  @Get('cached')
  @UseRequestToken({ scope: 'page' })
  @UseInterceptors(Cache)
  cached() {}

  @Get('plain')
  plain() {
    return 'plain';
  }
}

@Controller('either')
@UseGuards(AllowRequestToken(BearerRequired))
class EitherController {
  @Get()
  @UseRequestToken({ scope: 'page', required: false, direct: true })
  either(@Req() request: RequestTokenRequest) {
    return { user: request.user, byToken: isRequestTokenAuthenticated(request) };
  }

  @Get('plain')
  plain(@Req() request: RequestTokenRequest) {
    return { user: request.user, byToken: isRequestTokenAuthenticated(request) };
  }
}

@Controller('members')
@UseGuards(LoginRequired)
@UseRequestToken({ scope: 'page' })
class MembersController {
  @Get()
  list(@Req() request: RequestTokenRequest) {
    return me(request);
  }
}

const controllers = [PageController, MembersController];

describe.each(ADAPTER_NAMES)('%s: The guard runs before', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  it.each<[string, TestAppOptions]>([
    ['an APP_GUARD of the root module', { providers: [{ provide: APP_GUARD, useClass: LoginRequired }] }],
    ['an APP_GUARD of a module imported after it', { imports: [AuthModule] }],
    ['an APP_GUARD of a module imported before it', { importsFirst: [AuthModule] }],
    [
      'a request-scoped APP_GUARD',
      { providers: [{ provide: APP_GUARD, useClass: RequestScopedLoginRequired }] },
    ],
    ['useGlobalGuards', { configure: (nest) => nest.useGlobalGuards(new LoginRequired()) }],
  ])('%s', async (_, options) => {
    app = await TestApp.start({ adapter, controllers, ...options });
    const { jwt } = await app.tokens.issue({ user: 7, scope: 'page' });
    await app.http.get('/page').expect(403);
    await app.http.get('/plain').expect(401);
    await app.http.get('/page').query({ rt: jwt }).expect(200, '7');
  });

  it.each([
    ['a guard of the controller', '/members'],
    ['a method guard above the decorator', '/above'],
    ['a method guard below the decorator', '/below'],
  ])('%s', async (_, path) => {
    app = await TestApp.start({ adapter, controllers });
    const { jwt } = await app.tokens.issue({ user: 7, scope: 'page' });
    await app.http.get(path).expect(403);
    await app.http.get(path).query({ rt: jwt }).expect(200, '7');
  });
});

describe.each(ADAPTER_NAMES)('%s: AllowRequestToken', (adapter) => {
  const started = TestApp.start({
    adapter,
    controllers: [EitherController],
    providers: [{ provide: 'BEARER', useValue: 'secret' }],
  });
  afterAll(async () => (await started).close());

  it('lets a request pass that a token authenticated', async () => {
    const app = await started;
    const { jwt } = await app.tokens.issue({ user: 7, scope: 'page' });
    await app.http
      .get('/either')
      .query({ rt: jwt })
      .expect(200, { user: { id: '7' }, byToken: true });
  });

  it.each(['/either', '/either/plain'])('leaves other requests to its guard: %s', async (path) => {
    const app = await started;
    const { jwt } = await app.tokens.issue({ scope: 'page', maxUses: null });
    await app.http.get(path).expect(401);
    await app.http.get(path).set('Authorization', 'Bearer wrong').query({ rt: jwt }).expect(401);
    await app.http
      .get(path)
      .set('Authorization', 'Bearer secret')
      .expect(200, { user: { id: 'bearer' }, byToken: false });
  });

  it('leaves a token that stands for nobody to its guard', async () => {
    const app = await started;
    const { jwt } = await app.tokens.issue({ scope: 'page' });
    await app.http.get('/either').query({ rt: jwt }).expect(401);
  });
});

describe.each(ADAPTER_NAMES)("%s: After the app's own guards", (adapter) => {
  const started = TestApp.start({ adapter, controllers });
  afterAll(async () => (await started).close());

  const open = async (path: string) => {
    const app = await started;
    const { jwt, token } = await app.tokens.issue({ user: 7, scope: 'page' });
    const answer = await app.http.get(path).query({ rt: jwt });
    return { app, token, answer, jwt };
  };

  it.each(['/refused', '/refused-above'])(
    '%s: a request has taken no use, and is not logged',
    async (path) => {
      const { app, token, answer } = await open(path);
      expect(answer.body).toMatchObject({ statusCode: 403, message: 'not by a guard' });
      expect((await app.row(token.id)).useCount).toBe(0);
      expect(await app.logs(token.id)).toEqual([]);
    },
  );

  it.each(['/changed', '/removed'])('%s: another user, or none, is token_audience_mismatch', async (path) => {
    const { app, token, answer } = await open(path);
    expect(answer.body.code).toBe('token_audience_mismatch');
    expect((await app.row(token.id)).useCount).toBe(0);
  });

  it.each(['id', 'number', 'getter', 'none'])(
    'the user changed in place to be another, or none, is token_audience_mismatch: %s',
    async (mutate) => {
      const { app, token, answer } = await open(`/mutated?mutate=${mutate}`);
      expect(answer.body.code).toBe('token_audience_mismatch');
      expect((await app.row(token.id)).useCount).toBe(0);
    },
  );

  it('the user may be added to in place', async () => {
    const { answer } = await open('/mutated?mutate=name');
    expect(answer.body).toEqual({ id: '7', name: 'Ann' });
  });

  it('a caching interceptor cannot answer for a used-up token', async () => {
    const { app, answer, jwt } = await open('/cached');
    expect(answer.text).toBe('from the cache');
    const again = await app.http.get('/cached').query({ rt: jwt });
    expect(again.body.code).toBe('token_exhausted');
  });

  it.each(['/below', '/members'])('nor can a caching interceptor of the app: %s', async (path) => {
    const app = await TestApp.start({
      adapter,
      controllers,
      providers: [{ provide: APP_INTERCEPTOR, useClass: Cache }],
    });
    try {
      const { jwt, token } = await app.tokens.issue({ user: 7, scope: 'page' });
      await app.http.get(path).query({ rt: jwt }).expect(200, 'from the cache');
      const again = await app.http.get(path).query({ rt: jwt }).expect(403);
      expect(again.body.code).toBe('token_exhausted');
      expect((await app.row(token.id)).useCount).toBe(1);
    } finally {
      await app.close();
    }
  });
});

describe.each(ADAPTER_NAMES)('%s: A user who was changed in place', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  const open = async (mutate: string, options: TestAppOptions['token'], issued: object = {}) => {
    app = await TestApp.start({ adapter, controllers, token: options });
    const { jwt } = await app.tokens.issue({ user: 'ANN', scope: 'page', ...issued });
    return app.http.get('/mutated').query({ rt: jwt, mutate });
  };

  it('is not logged in', async () => {
    const loggedIn: unknown[] = [];
    const logIn = (_request: object, user: object) => Promise.resolve(void loggedIn.push(user));
    const answer = await open('id', { sessions: { logIn } }, { loginMode: 'session' });
    expect([answer.body.code, loggedIn]).toEqual(['token_audience_mismatch', []]);
  });

  it('is still the one who was loaded if nobody has a key, and nothing else', async () => {
    expect((await open('name', { users: KeylessLoader })).body).toEqual({
      mail: 'ann@example.com',
      name: 'Ann',
    });
    await app.close();
    expect((await open('id', { users: KeylessLoader })).body.code).toBe('token_audience_mismatch');
  });

  it('is compared with the form of the key in which the user was loaded', async () => {
    expect((await open('name', { users: LowerCaseLoader })).body).toEqual({ id: 'ann', name: 'Ann' });
    await app.close();
    expect((await open('id', { users: LowerCaseLoader })).body.code).toBe('token_audience_mismatch');
    await app.close();
    expect((await open('none', { users: LowerCaseLoader })).body.code).toBe('token_audience_mismatch');
  });
});
