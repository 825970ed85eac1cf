import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { DiscoveryModule, MetadataScanner } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { RequestTokenAdmission } from './request-token.admission.js';
import { assertBooleans, checkOf, isObject, undefinedAmong } from './given.js';
import { UnreadBodies } from './http/unread-bodies.js';
import { openApiProvider } from './openapi.js';
import { PagesService } from './pages/pages.service.js';
import { RequestTokenBootChecks } from './request-token.boot-checks.js';
import { RequestTokenClock } from './request-token.clock.js';
import {
  REQUEST_TOKEN_DATA_SOURCE,
  REQUEST_TOKEN_READY,
  REQUEST_TOKEN_SETTINGS,
} from './request-token.constants.js';
import { RequestTokenExceptionFilter } from './request-token.filter.js';
import { RequestTokenGuard } from './request-token.guard.js';
import { RequestTokenHoist } from './request-token.hoist.js';
import { HooksOf, RequestTokenHooks } from './request-token.hooks.js';
import { RequestTokenHttp } from './request-token.http.js';
import { RequestTokenInterceptor } from './request-token.interceptor.js';
import {
  type ASYNC_OPTIONS_TYPE,
  ConfigurableModuleClass,
  type OPTIONS_TYPE,
} from './request-token.module-definition.js';
import type { RequestTokenModuleExtras } from './request-token.options.js';
import { RequestTokenRefusals } from './request-token.refusals.js';
import type { RequestTokenSettings } from './request-token.settings.js';
import { RequestTokenSetup } from './request-token.setup.js';
import { RequestTokenVisits } from './request-token.visits.js';
import { WaitingRequests } from './request-token.waiting.js';
import { KeyRing } from './token/key-ring.js';
import { Links } from './token/links.js';
import { OneClick } from './routes/one-click.js';
import { Places } from './routes/places.js';
import { RouteChecks } from './routes/route-checks.js';
import { RouteResolver } from './routes/route-resolver.js';
import { RouteTable } from './routes/route-table.js';
import { PrimaryReads } from './database/primary-reads.js';
import { TokenCodec } from './token/token.codec.js';
import { TokenIssuer } from './token/token-issuer.js';
import { TokenRevoker } from './token/token-revoker.js';
import { TokenService } from './token/token.service.js';
import { TokenStore } from './token/token.store.js';
import { UsageModule } from './usage/usage.module.js';
import { EntityUserLoader } from './users/entity-user-loader.js';
import { IdUserLoader } from './users/id-user-loader.js';
import { Recipients } from './users/recipients.js';
import { RecipientsOf } from './users/recipients-of.js';
import { RequestTokenUserLoader } from './users/user-loader.js';

/**
 * Request tokens for an app: register it once, in the root module, next to `TypeOrmModule.forRoot()`.
 *
 * @publicApi
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: REQUEST_TOKEN_SETTINGS, useFactory: () => ({}) },
    RequestTokenSetup,
    {
      provide: REQUEST_TOKEN_READY,
      useFactory: (setup: RequestTokenSetup) => setup.run(),
      inject: [RequestTokenSetup],
    },
    RequestTokenHooks,
    HooksOf,
    KeyRing,
    {
      provide: TokenCodec,
      useFactory: (keys: KeyRing, settings: RequestTokenSettings) => new TokenCodec(keys, settings),
      inject: [KeyRing, REQUEST_TOKEN_SETTINGS],
    },
    {
      provide: Links,
      useFactory: (settings: RequestTokenSettings) => new Links(settings),
      inject: [REQUEST_TOKEN_SETTINGS],
    },
    RequestTokenClock,
    MetadataScanner,
    RouteTable,
    RouteResolver,
    Places,
    RouteChecks,
    OneClick,
    openApiProvider,
    TokenStore,
    TokenIssuer,
    TokenRevoker,
    TokenService,
    Recipients,
    RecipientsOf,
    RequestTokenHttp,
    UnreadBodies,
    RequestTokenVisits,
    RequestTokenRefusals,
    WaitingRequests,
    RequestTokenAdmission,
    RequestTokenGuard,
    RequestTokenInterceptor,
    PagesService,
    RequestTokenExceptionFilter,
    RequestTokenHoist,
    RequestTokenBootChecks,
  ],
  exports: [TokenService, RequestTokenGuard, RequestTokenInterceptor, RequestTokenExceptionFilter],
})
export class RequestTokenModule extends ConfigurableModuleClass {
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

const checkUsers = checkOf<{ entity: unknown }>('users', '{ entity: User }', { entity: null });

function withExtras(definition: DynamicModule, extras: RequestTokenModuleExtras): DynamicModule {
  const { users, dataSource, imports = [] } = extras;
  assertBooleans('RequestTokenModule', extras, ['isGlobal']);
  if (dataSource !== undefined && (typeof dataSource !== 'string' || dataSource === '')) {
    throw new TypeError(
      'dataSource must be the name of a TypeORM DataSource; leave it out for the default one',
    );
  }
  if (!Array.isArray(imports)) throw new TypeError('imports must be a list of modules');
  return {
    ...definition,
    imports: [...imports, UsageModule.register(dataSource)],
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
  const { entity } = users;
  return {
    provide,
    useFactory: (dataSource: DataSource, primary: PrimaryReads) =>
      new EntityUserLoader(dataSource, primary, entity),
    inject: [REQUEST_TOKEN_DATA_SOURCE, PrimaryReads],
  };
}
