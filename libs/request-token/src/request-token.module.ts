import { type DynamicModule, Module, type NestModule, type Provider } from '@nestjs/common';
import { DiscoveryModule, MetadataScanner } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { RequestTokenClock } from './common/clock.js';
import {
  REQUEST_TOKEN_DATA_SOURCE,
  REQUEST_TOKEN_READY,
  REQUEST_TOKEN_SETTINGS,
} from './common/constants.js';
import { assertBooleans, checkOf, isObject, undefinedAmong } from './common/given.js';
import { HooksOf } from './common/hooks.js';
import { Readiness } from './common/readiness.js';
import { DatabaseModule } from './database/database.module.js';
import { PrimaryReads } from './database/primary-reads.js';
import { ENTITIES } from './entities/known-entities.js';
import { Answers } from './http/answers.js';
import { AppRouter } from './http/app-router.js';
import { ExpressPrototype } from './http/express-prototype.js';
import { Requests } from './http/requests.js';
import { UnreadBodies } from './http/unread-bodies.js';
import { KeyRing } from './jwt/key-ring.js';
import { TokenCodec } from './jwt/token.codec.js';
import { OPERATIONS_PROVIDERS } from './operations/operations.providers.js';
import { hooksProvider } from './options/hooks.provider.js';
import {
  type ASYNC_OPTIONS_TYPE,
  ConfigurableModuleClass,
  type OPTIONS_TYPE,
} from './options/request-token.module-definition.js';
import type { RequestTokenModuleExtras } from './options/request-token.options.js';
import type { Settings } from './options/settings.js';
import { Setup } from './options/setup.js';
import { PagesService } from './pages/pages.service.js';
import { Admission } from './request/admission.js';
import { AttemptLog } from './request/attempt-log.js';
import { BootChecks } from './request/boot-checks.js';
import { Hoist } from './request/hoist.js';
import { Refusals } from './request/refusals.js';
import { RequestTokenExceptionFilter } from './request/request-token.filter.js';
import { RequestTokenGuard } from './request/request-token.guard.js';
import { RequestTokenInterceptor } from './request/request-token.interceptor.js';
import { RouteFilters } from './request/route-filters.js';
import { SessionLogIn } from './request/session-log-in.js';
import { WaitingRequests } from './request/waiting.js';
import { Links } from './routes/links.js';
import { openApiProvider } from './routes/openapi.js';
import { RouteChecks } from './routes/route-checks.js';
import { RouteMatcher } from './routes/route-matcher.js';
import { RoutePaths } from './routes/route-paths.js';
import { RouteResolver } from './routes/route-resolver.js';
import { RouteTable } from './routes/route-table.js';
import { OneClick } from './token/one-click.js';
import { Places } from './token/places.js';
import { TokenService } from './token/token.service.js';
import { TokenStore } from './token/token.store.js';
import { TokenInspector } from './token/token-inspector.js';
import { TokenIssuer } from './token/token-issuer.js';
import { TokenReader } from './token/token-reader.js';
import { TokenRedeemer } from './token/token-redeemer.js';
import { TokenRevoker } from './token/token-revoker.js';
import { UsageModule } from './usage/usage.module.js';
import { BoundEntityUserLoader } from './users/bound-entity-user-loader.js';
import { EntityUserLoader } from './users/entity-user-loader.js';
import { IdUserLoader } from './users/id-user-loader.js';
import { Recipients } from './users/recipients.js';
import { RecipientsOf } from './users/recipients-of.js';
import { UserBinding } from './users/user-binding.js';
import { RequestTokenUserLoader } from './users/user-loader.js';

/**
 * Request tokens for an app: register it once, in the root module, next to `TypeOrmModule.forRoot()`.
 *
 * @example
 * ```ts
 * RequestTokenModule.forRoot({
 *   keys: process.env.REQUEST_TOKEN_SECRET,
 *   baseUrl: 'https://example.com',
 *   users: { entity: User },
 * })
 * ```
 * @publicApi
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: REQUEST_TOKEN_SETTINGS, useFactory: () => ({}) },
    Readiness,
    Setup,
    {
      provide: REQUEST_TOKEN_READY,
      useFactory: (setup: Setup) => setup.run(),
      inject: [Setup],
    },
    hooksProvider,
    HooksOf,
    KeyRing,
    {
      provide: TokenCodec,
      useFactory: (keys: KeyRing, settings: Settings) => new TokenCodec(keys, settings),
      inject: [KeyRing, REQUEST_TOKEN_SETTINGS],
    },
    {
      provide: Links,
      useFactory: (settings: Settings) => new Links(settings),
      inject: [REQUEST_TOKEN_SETTINGS],
    },
    RequestTokenClock,
    MetadataScanner,
    RouteTable,
    RoutePaths,
    RouteResolver,
    RouteMatcher,
    Places,
    RouteChecks,
    OneClick,
    openApiProvider,
    TokenStore,
    TokenReader,
    TokenIssuer,
    TokenRedeemer,
    TokenInspector,
    TokenRevoker,
    TokenService,
    UserBinding,
    Recipients,
    RecipientsOf,
    AppRouter,
    Requests,
    Answers,
    ExpressPrototype,
    UnreadBodies,
    AttemptLog,
    Refusals,
    WaitingRequests,
    SessionLogIn,
    Admission,
    RequestTokenGuard,
    RequestTokenInterceptor,
    PagesService,
    RequestTokenExceptionFilter,
    ...OPERATIONS_PROVIDERS,
    Hoist,
    RouteFilters,
    BootChecks,
  ],
  exports: [TokenService, RequestTokenGuard, RequestTokenInterceptor, RequestTokenExceptionFilter],
})
export class RequestTokenModule extends ConfigurableModuleClass implements NestModule {
  constructor(private readonly filters: RouteFilters) {
    super();
  }

  /** Nest asks modules for middleware when main.ts has said all, and before it makes the routes. */
  configure(): void {
    this.filters.place();
  }

  /**
   * @throws Error at boot if an option is missing or wrong: a short secret, a private key as `publicKey`,
   *   a `baseUrl` that is not absolute, … The message names the option and says how to mend it.
   * @throws TypeError if `users` is there and undefined, as with files that import each other
   */
  static override forRoot(options: typeof OPTIONS_TYPE): DynamicModule {
    if (!isObject(options)) {
      throw new TypeError(`${FOR_ROOT}: give an object such as { keys, baseUrl }`);
    }
    for (const problem of undefinedAmong(options, [['users', USERS_UNDEFINED]])) {
      throw new TypeError(`${FOR_ROOT}: ${problem}`);
    }
    return withExtras(super.forRoot(options), options);
  }

  /**
   * As {@link forRoot}, with options from `useFactory`, `useClass` or `useExisting`. What has to be known
   * before injection (`users`, `dataSource`, `isGlobal`) is given here, beside the factory.
   *
   * @throws TypeError if something of that is wrong, or no option; for `users` as {@link forRoot}
   */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    checkAsyncOptions(options);
    if (!options.useFactory && !options.useClass && !options.useExisting) {
      throw new TypeError(`${FOR_ROOT_ASYNC}: give useFactory, useClass or useExisting`);
    }
    return withExtras(super.forRootAsync(options), options);
  }
}

const FOR_ROOT = 'RequestTokenModule.forRoot';
const FOR_ROOT_ASYNC = 'RequestTokenModule.forRootAsync';

/** A class that is not there yet must not mean that nobody is looked up. */
const USERS_UNDEFINED =
  'leave it out if nobody is to be looked up. If you import it, the file that it comes from may import this one, too: move it to a file of its own';

/** What stands beside a factory no factory's check would see: a misspelt `users`, and nobody is looked up. */
const checkAsyncOptions = checkOf<typeof ASYNC_OPTIONS_TYPE>(FOR_ROOT_ASYNC, '{ useFactory }', {
  imports: null,
  inject: null,
  useFactory: null,
  useClass: null,
  useExisting: null,
  provideInjectionTokensFrom: null,
  users: USERS_UNDEFINED,
  dataSource: null,
  isGlobal: null,
});

const checkUsers = checkOf<{ entity: unknown; boundTo?: unknown }>('users', '{ entity: User }', {
  entity: null,
  boundTo: 'leave it out for links that do not depend on what their users change',
});

function withExtras(definition: DynamicModule, extras: RequestTokenModuleExtras): DynamicModule {
  const { users, dataSource, imports = [] } = extras;
  assertBooleans('RequestTokenModule', extras, ['isGlobal']);
  if (dataSource !== undefined && (typeof dataSource !== 'string' || dataSource === '')) {
    throw new TypeError(
      'dataSource must be the name of a TypeORM DataSource; leave it out for the default one',
    );
  }
  if (!Array.isArray(imports)) throw new TypeError('imports must be a list of modules');
  const database = DatabaseModule.register(ENTITIES, dataSource);
  return {
    ...definition,
    imports: [...imports, database, UsageModule.register(database)],
    providers: [...(definition.providers ?? []), userLoader(users)],
  };
}

function userLoader(users: RequestTokenModuleExtras['users']): Provider {
  const provide = RequestTokenUserLoader;
  if (users === undefined) return { provide, useClass: IdUserLoader };
  if (typeof users === 'function') return { provide, useClass: users };
  if (!isObject(users) || typeof users.entity !== 'function') {
    throw new TypeError(
      'users must be { entity: YourUserEntity } or a class that extends RequestTokenUserLoader',
    );
  }
  checkUsers(users);
  const { entity, boundTo } = users;
  if (boundTo !== undefined && !isListOfTexts(boundTo)) {
    throw new TypeError("users.boundTo must be a list of properties, such as ['passwordHash', 'email']");
  }
  return {
    provide,
    useFactory: (dataSource: DataSource, primary: PrimaryReads) =>
      boundTo
        ? new BoundEntityUserLoader(dataSource, primary, entity, boundTo)
        : new EntityUserLoader(dataSource, primary, entity),
    inject: [REQUEST_TOKEN_DATA_SOURCE, PrimaryReads],
  };
}

/** An empty one would bind links to nothing, where somebody relies on it. */
const isListOfTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string');
