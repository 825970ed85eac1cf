import type { ModuleMetadata, Type } from '@nestjs/common';
import type { Duration } from '../common/duration.js';
import type { RequestTokenKey } from '../jwt/key-material.js';
import type { OnRefused, RequestTokenPagesOptions } from '../pages/page.js';
import type { OnUsed } from '../request/hooks.js';
import type { RequestTokenRoutesOptions } from '../routes/api-routes.js';
import type { RequestTokenSessions } from '../users/sessions.js';
import type { RequestTokenUserLoader } from '../users/user-loader.js';

/**
 * What `issue` fills in where its caller says nothing. Leave out what you don't set: an environment variable that
 * is not set would make tokens that are valid for ever, so undefined is an error at boot.
 *
 * @publicApi
 */
export interface RequestTokenDefaults {
  /** How long a token is valid. Default: for ever. */
  expiresIn?: Duration;
  /** How long a token of login mode `session` is valid. Default: `'10m'`. */
  sessionExpiresIn?: Duration;
  /** How often a token can be used; `null` is unlimited. Default: 1. */
  maxUses?: number | null;
  /** Whether tokens are deferred: their rows are written when they are used. Default: false. */
  deferred?: boolean;
}

/**
 * Options of `RequestTokenModule.forRoot`, or what the factory of `forRootAsync` returns.
 * They are checked at boot.
 *
 * @publicApi
 */
export interface RequestTokenModuleOptions {
  /**
   * One HS256 secret of at least 32 bytes, or a list of keys: the first signs, all verify. May be an
   * environment variable as it is; without a value the app does not boot. So may `baseUrl`.
   */
  keys: string | RequestTokenKey[] | undefined;
  /**
   * Absolute URL that links are built on, e.g. `https://example.com`. A path in it is put before every
   * target, for an app behind a proxy, or mounted by another app, that takes that path off.
   */
  baseUrl: string | undefined;
  /**
   * Origins, beside that of `baseUrl`, that links may lead to (`page` of `issue`), such as
   * `['https://app.example.com']`: front ends that call this app from there. They may also log readers in by a POST.
   * Which origins a browser lets read the answers is said elsewhere: by `app.enableCors`. Default: none.
   */
  frontends?: string[];
  /** `iss` claim; when set, tokens of any other issuer are refused. Default, if it is left out: no such claim. */
  issuer?: string;
  /**
   * For processes that serve no HTTP, such as a worker that sends the mails: on which paths the API serves its
   * routes, so that `route()` and `listUnsubscribe` make of them what they make in the API itself. Without it they
   * throw there. An app that serves HTTP does not need it, and does not boot if it says something else than the app does.
   */
  routes?: RequestTokenRoutesOptions;
  /** Name of the query parameter or form field that carries the token. Default: `'rt'`. */
  parameter?: string;
  defaults?: RequestTokenDefaults;
  /** By how much the clocks of servers may differ. Default: 0. */
  clockTolerance?: Duration;
  /**
   * How long a link may wait for the database, for a connection of the pool included, before the answer is 503.
   * Bulk work, as of `issueMany` and `revoke`, has a minute for each statement. Statements in a transaction of
   * yours have the bounds that it has. Default: `'5s'`.
   */
  statementTimeout?: Duration;
  /** Whether uses and refusals are logged in `request_token_log`. Default: true. */
  logs?: boolean;
  /**
   * Whether the guard is put before all guards of the app, and the taking of the use behind them. With false the app
   * has to register RequestTokenGuard and RequestTokenInterceptor, which takes the use, by itself. Default: true.
   */
  hoistGuard?: boolean;
  /** The pages that readers see: confirm pages, and those of links that fail. */
  pages?: RequestTokenPagesOptions;
  /** Logs users in, for login mode `session`. Without it `issue` refuses that mode. */
  sessions?: RequestTokenSessions;
  /** Lets the app offer a way out of a refusal, such as a fresh link by mail. */
  onRefused?: OnRefused;
  /** Told of every use that is kept, behind the answer; what it throws is logged. */
  onUsed?: OnUsed;
}

/**
 * What has to be known before anything is injected, and so is given beside a factory, not by it.
 *
 * @publicApi
 */
export interface RequestTokenModuleExtras {
  /**
   * How recipients are found: by the primary key of a TypeORM entity of the same DataSource, or by a
   * class of yours. With an entity `request.user` is the entity itself: a handler that returns it returns the
   * password hash, too; a class may give less. Default: `request.user` is `{ id }`, and nothing is looked up. Given
   * and undefined it is an error: files that import each other have it so.
   *
   * `boundTo` names properties of the entity, such as `['passwordHash', 'email']`, that links are bound to: when one
   * of them is not any more what it was when a link was issued, the link is refused with `token_user_changed`. They
   * must be columns; of an embedded entity `'credentials.hash'`. Columns of `select: false` are read for it, and do not
   * come to `request.user`. A class has a method `boundTo` for this. Links issued before it was said go on working;
   * to say other properties ends those that are bound, and so does saying none any more. Keys need their private half.
   */
  users?: { entity: Type<object>; boundTo?: readonly string[] } | Type<RequestTokenUserLoader>;
  /** Name of the TypeORM DataSource. Default: the default one. */
  dataSource?: string;
  /** Whether `TokenService` can be injected without importing the module again. Default: true. */
  isGlobal?: boolean;
  /** Modules that provide what the class given as `users` injects. */
  imports?: ModuleMetadata['imports'];
}

/**
 * Implemented by a class given to `forRootAsync` as `useClass` or `useExisting`.
 *
 * @publicApi
 */
export interface RequestTokenOptionsFactory {
  createRequestTokenOptions(): Promise<RequestTokenModuleOptions> | RequestTokenModuleOptions;
}
