import type { INestApplication, VersioningOptions } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { mapToExcludeRoute } from '@nestjs/core/middleware/utils.js';
import { checkOf, isObject } from '../common/given.js';

/**
 * What an app says in its main.ts about the paths of its routes, in the same shapes:
 *
 * ```ts
 * app.setGlobalPrefix(routes.globalPrefix, routes.globalPrefixOptions);
 * app.enableVersioning(routes.versioning);
 * ```
 *
 * An empty object is an app that says neither.
 *
 * @publicApi
 */
export interface RequestTokenRoutesOptions {
  /** As given to `app.setGlobalPrefix`. Default: none. */
  globalPrefix?: string;
  /** As given to `app.setGlobalPrefix` behind the prefix: routes that go without it. Default: none. */
  globalPrefixOptions?: NonNullable<Parameters<INestApplication['setGlobalPrefix']>[1]>;
  /** As given to `app.enableVersioning`. Default: no versions. */
  versioning?: VersioningOptions;
}

export interface RouteSettings {
  /** Absent if the app says nothing of it. */
  readonly routes?: RequestTokenRoutesOptions;
}

const NONE = 'leave it out if the API has none';

const checkRoutes = checkOf<RequestTokenRoutesOptions>('routes', "{ globalPrefix: 'api' }, or {}", {
  globalPrefix: NONE,
  globalPrefixOptions: NONE,
  versioning: NONE,
});

/** @throws TypeError that names what is wrong; of an environment variable, that it is not set */
export function assertRoutes(routes: unknown): asserts routes is RequestTokenRoutesOptions {
  checkRoutes(routes);
  const { globalPrefix = '', globalPrefixOptions = {}, versioning } = routes as RequestTokenRoutesOptions;
  if (typeof globalPrefix !== 'string') throw new TypeError('routes.globalPrefix must be a text');
  if (!isObject(globalPrefixOptions) || !Array.isArray(globalPrefixOptions.exclude ?? [])) {
    throw new TypeError("routes.globalPrefixOptions must be an object such as { exclude: ['health'] }");
  }
  if (versioning !== undefined && (!isObject(versioning) || !('type' in versioning))) {
    throw new TypeError('routes.versioning must be an object such as { type: VersioningType.URI }');
  }
}

/** As main.ts makes it of an app. */
export function configOf({
  globalPrefix = '',
  globalPrefixOptions = {},
  versioning,
}: RequestTokenRoutesOptions): ApplicationConfig {
  const config = new ApplicationConfig();
  config.setGlobalPrefix(globalPrefix);
  config.setGlobalPrefixOptions({ exclude: mapToExcludeRoute(globalPrefixOptions.exclude ?? []) });
  // Nest changes what it is given.
  if (versioning) config.enableVersioning({ ...versioning });
  return config;
}
