import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  applyDecorators,
  type CanActivate,
  Controller,
  Get,
  HttpException,
  HttpStatus,
  Injectable,
  Module,
  type OnModuleInit,
  Req,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, ApplicationConfig } from '@nestjs/core';
import { Args, GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import {
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  Transport,
} from '@nestjs/microservices';
import { AuthGuard, type IAuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import {
  AllowRequestToken,
  RequestTokenGuard,
  RequestTokenInterceptor,
  type RequestTokenRequest,
  TokenService,
  UseRequestToken,
} from 'nestjs-request-token';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { firstValueFrom } from 'rxjs';
import { SignJWT } from 'jose';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { SECRET, TestApp, type TestAppOptions } from '../../support/test-app.js';

/** As apps have one that put several decorators into their own; its guard has the type that it had. */
const JwtOrLink: Type<IAuthGuard> = AllowRequestToken(AuthGuard('jwt'));
const Auth = () => applyDecorators(UseGuards(JwtOrLink));

@Controller()
class PagesController {
  @Get('page')
  @UseRequestToken({ scope: 'page', direct: true })
  page(@Req() { user }: RequestTokenRequest) {
    return user;
  }

  @Get('either')
  @UseRequestToken({ scope: 'page', required: false, direct: true })
  @UseGuards(AllowRequestToken(AuthGuard('jwt')))
  either(@Req() { user }: RequestTokenRequest) {
    return user;
  }

  @Get('composed')
  @UseRequestToken({ scope: 'page', required: false, direct: true })
  @Auth()
  composed(@Req() { user }: RequestTokenRequest) {
    return user;
  }

  @Get('plain')
  plain() {
    return 'plain';
  }
}

@Injectable()
class Throttler implements CanActivate {
  private requests = 0;

  canActivate(): boolean {
    if (++this.requests > 2) throw new HttpException('slow down', HttpStatus.TOO_MANY_REQUESTS);
    return true;
  }
}

@Injectable()
class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({ jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKey: SECRET });
  }

  validate({ sub }: { sub: string }) {
    return { id: sub };
  }
}

const bearer = (sub: string) =>
  new SignJWT({ sub }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(SECRET));

describe.each(ADAPTER_NAMES)('%s: In an app with', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());
  const start = async (options: TestAppOptions) =>
    (app = await TestApp.start({ adapter, controllers: [PagesController], ...options }));
  const issue = (options: object = {}) => app.tokens.issue({ user: '7', scope: 'page', ...options });

  it('a throttler, a request that it refuses takes no use', async () => {
    await start({
      providers: [{ provide: APP_GUARD, useClass: Throttler }],
    });
    const { jwt, token } = await issue({ maxUses: 9 });
    for (const status of [200, 200, 429]) await app.http.get('/page').query({ rt: jwt }).expect(status);
    expect((await app.row(token.id)).useCount).toBe(2);
  });

  it('passport, a route opens to a token or to whoever passport knows', async () => {
    await start({ imports: [PassportModule], providers: [JwtStrategy] });
    const { jwt } = await issue();
    await app.http.get('/either').expect(401);
    await app.http.get('/either').query({ rt: jwt }).expect(200, { id: '7' });
    await app.http
      .get('/either')
      .auth(await bearer('8'), { type: 'bearer' })
      .expect(200, { id: '8' });
  });

  it('passport in a decorator of its own, a route opens to a token or to whoever passport knows', async () => {
    await start({ imports: [PassportModule], providers: [JwtStrategy] });
    const { jwt } = await issue();
    await app.http.get('/composed').expect(401);
    await app.http.get('/composed').query({ rt: jwt }).expect(200, { id: '7' });
    await app.http
      .get('/composed')
      .auth(await bearer('8'), { type: 'bearer' })
      .expect(200, { id: '8' });
  });

  it('passport as a global guard, a token passes where it is asked for, and nowhere else', async () => {
    await start({
      imports: [PassportModule],
      providers: [JwtStrategy, { provide: APP_GUARD, useClass: AllowRequestToken(AuthGuard('jwt')) }],
    });
    const { jwt } = await issue();
    await app.http.get('/plain').query({ rt: jwt }).expect(401);
    await app.http
      .get('/plain')
      .auth(await bearer('8'), { type: 'bearer' })
      .expect(200, 'plain');
    await app.http.get('/page').query({ rt: jwt }).expect(200, { id: '7' });
  });

  describe('a guard of its own before all others', () => {
    @Injectable()
    class FirstGuard implements CanActivate {
      canActivate(): boolean {
        return true;
      }
    }

    /** Puts its guard first after the module did. */
    @Module({ providers: [FirstGuard] })
    class PushyModule implements OnModuleInit {
      constructor(
        private readonly config: ApplicationConfig,
        private readonly guard: FirstGuard,
      ) {}

      onModuleInit(): void {
        this.config.getGlobalGuards().unshift(this.guard);
      }
    }

    it('boot fails, and says what to do', async () => {
      await expect(TestApp.start({ adapter, imports: [PushyModule] })).rejects.toThrow(
        /could not put its guards first and last.*hoistGuard: false.*APP_GUARD/,
      );
      await start({});
    });

    it('and hoistGuard: false, boot fails as long as nobody checks tokens', async () => {
      const token = { hoistGuard: false };
      await expect(TestApp.start({ adapter, token })).rejects.toThrow(
        /register the guard and the interceptor/,
      );
      await start({
        token,
        imports: [PushyModule],
        providers: [
          { provide: APP_GUARD, useExisting: RequestTokenGuard },
          { provide: APP_INTERCEPTOR, useExisting: RequestTokenInterceptor },
        ],
      });
      const { jwt } = await issue();
      await app.http.get('/page').expect(403);
      await app.http.get('/page').query({ rt: jwt }).expect(200, { id: '7' });
      await app.http.get('/page').query({ rt: jwt }).expect(403);
    });
  });
});

@Controller()
class JobsController {
  constructor(private readonly tokens: TokenService) {}

  @MessagePattern('plain')
  @UseRequestToken({ scope: 'page' })
  plain() {
    return 'plain';
  }

  @MessagePattern('redeem')
  async redeem(jwt: string) {
    return (await this.tokens.redeem(jwt, { scope: 'job' })).useCount;
  }

  @Get('both')
  @MessagePattern('both')
  @UseRequestToken({ scope: 'job', required: false, direct: true })
  both() {
    return this.tokens.redeem('junk', { scope: 'job' });
  }
}

@Resolver()
class JobsResolver {
  constructor(private readonly tokens: TokenService) {}

  @Query(() => String)
  @UseRequestToken({ scope: 'page' })
  plain() {
    return 'plain';
  }

  @Query(() => Number)
  async redeem(@Args('token') token: string) {
    return (await this.tokens.redeem(token, { scope: 'job' })).useCount;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe.each(ADAPTER_NAMES)('%s: Outside HTTP', (adapter) => {
  it('a message handler is left alone, and can redeem', async () => {
    const port = await freePort();
    const options = { host: '127.0.0.1', port };
    const app = await TestApp.start({
      adapter,
      controllers: [JobsController],
      configure: (nest) =>
        nest.connectMicroservice<MicroserviceOptions>(
          { transport: Transport.TCP, options },
          { inheritAppConfig: true },
        ),
    });
    await app.app.startAllMicroservices();
    const client = ClientProxyFactory.create({ transport: Transport.TCP, options });
    const send = (pattern: string, data: unknown) => firstValueFrom(client.send<unknown>(pattern, data));
    const { jwt } = await app.tokens.issue({ scope: 'job' });
    expect(await send('plain', {})).toBe('plain');
    expect(await send('redeem', jwt)).toBe(1);
    for (const pattern of ['redeem', 'both']) {
      await expect(send(pattern, jwt)).rejects.toMatchObject({ status: 'error' });
    }
    await app.http.get('/both').expect(403);
    client.close();
    await app.close();
  });

  it('a GraphQL resolver is left alone, and can redeem', async () => {
    const app = await TestApp.start({
      adapter,
      providers: [JobsResolver],
      imports: [
        GraphQLModule.forRoot<ApolloDriverConfig>({
          driver: ApolloDriver,
          autoSchemaFile: true,
          playground: false,
        }),
      ],
    });
    const ask = async (query: string, variables: object = {}) =>
      (await app.http.post('/graphql').send({ query, variables })).body as {
        data?: unknown;
        errors?: { message: string; extensions: unknown }[];
      };
    const { jwt } = await app.tokens.issue({ scope: 'job' });
    const redeem = 'query ($token: String!) { redeem(token: $token) }';
    expect(await ask('{ plain }')).toEqual({ data: { plain: 'plain' } });
    expect(await ask(redeem, { token: jwt })).toEqual({ data: { redeem: 1 } });
    const { errors } = await ask(redeem, { token: jwt });
    expect(errors?.[0].message).toBe('This link has already been used.');
    await app.close();
  });

  it('a decorator that does nothing is warned of at boot', async () => {
    const warnings: string[] = [];
    const logger = { log() {}, error() {}, warn: (text: string) => warnings.push(text) };
    const app = await TestApp.start({
      adapter,
      controllers: [JobsController],
      providers: [JobsResolver],
      logger,
    });
    await app.close();
    expect(warnings.filter((text) => text.includes('does nothing here'))).toEqual([
      expect.stringContaining('JobsResolver.plain'),
      expect.stringContaining('JobsController.plain'),
    ]);
  });
});
