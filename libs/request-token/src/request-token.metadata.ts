import type { Type } from '@nestjs/common';
import type { ConfirmOptions } from './pages/page.js';
import { REQUEST_TOKEN_ROUTE } from './request-token.constants.js';
import { assertRouteOptions } from './request-token.route-options.js';
import { isStorable } from './storable.js';

/**
 * Options of `@UseRequestToken()`.
 *
 * @publicApi
 */
export interface UseRequestTokenOptions {
  /**
   * The label a token must have been issued for, 1 to 100 characters. Without it only tokens that are
   * bound to this route's path by their target are accepted.
   */
  scope?: string;
  /** Whether a request without a token is refused. Default: true. */
  required?: boolean;
  /**
   * What happens with a token that is no good. `'refuse'` (the default): a refusal. `'ignore'`: the
   * handler runs without a user, and `request.requestTokenError` says why.
   */
  onInvalid?: 'refuse' | 'ignore';
  /**
   * Shows a page with one button before anything happens: GET claims no use, a click does, by POST. So
   * does the one-click POST of a mail program (RFC 8058). For routes declared with `@All(path)`.
   * Default: false, a GET runs the handler.
   */
  confirm?: boolean | ConfirmOptions;
  /**
   * Says that a GET route without `confirm` is meant to use up a token by being opened, which mail
   * scanners do, too. Default: false, and the app warns of it at boot.
   */
  direct?: boolean;
  /** Whether uses and refusals are logged. Uses are counted in any case. Default: true. */
  log?: boolean;
  /**
   * Whether a final status of 400 or above gives the use back. One that a header field of the client has made of
   * an answer that was ready does not: 412 (`If-Match` and the like), 416 (`Range`), 406 (`Accept` and the like).
   * Default: true.
   */
  releaseOnFailure?: boolean;
}

export type RequestTokenRouteOptions = Required<Omit<UseRequestTokenOptions, 'scope'>> & { scope?: string };

const DEFAULTS: RequestTokenRouteOptions = {
  required: true,
  onInvalid: 'refuse',
  confirm: false,
  direct: false,
  log: true,
  releaseOnFailure: true,
};

type Declared = UseRequestTokenOptions | undefined;

/** What a decorator says, beside what another one of the same target has said; the later has the last say. */
export function declareOptions(
  options: UseRequestTokenOptions,
  target: object,
  method?: string | symbol,
): void {
  const former = ownOptions(target, method);
  if (method === undefined) Reflect.defineMetadata(REQUEST_TOKEN_ROUTE, { ...former, ...options }, target);
  else Reflect.defineMetadata(REQUEST_TOKEN_ROUTE, { ...former, ...options }, target, method);
}

/** @throws TypeError at decoration, so that a bad route never serves */
export function checkRouteOptions(options: UseRequestTokenOptions): UseRequestTokenOptions {
  assertRouteOptions(options);
  if (options.scope !== undefined) assertScope(options.scope);
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/**
 * The only place that reads what `@UseRequestToken()` left: on a controller, on those that it extends, and on
 * the method, which has the last say.
 */
export function routeOptions(handler: object, controller: Type): RequestTokenRouteOptions | undefined {
  const declared = [
    ...lineage(controller).map((type) => ownOptions(type)),
    methodOptions(handler, controller),
  ];
  if (!declared.some(Boolean)) return undefined;
  return declared.reduce<RequestTokenRouteOptions>(
    (merged, options) => ({ ...merged, ...options }),
    DEFAULTS,
  );
}

/**
 * Of a handler, or of the method that it has taken the place of: decorators and instrumentation wrap methods,
 * and not all of them pass metadata on.
 */
function methodOptions(handler: object, controller: Type): Declared {
  const ofHandler = Reflect.getMetadata(REQUEST_TOKEN_ROUTE, handler) as Declared;
  if (ofHandler) return ofHandler;
  for (const { prototype } of lineage(controller)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype as object))) {
      if (value === handler) return ownOptions(prototype as object, name);
    }
  }
  return undefined;
}

/** A class after those that it extends. */
function lineage(type: Type): Type[] {
  const parent = Object.getPrototypeOf(type) as Type | null;
  return parent?.prototype ? [...lineage(parent), type] : [type];
}

function ownOptions(target: object, method?: string | symbol): Declared {
  return (
    method === undefined
      ? Reflect.getOwnMetadata(REQUEST_TOKEN_ROUTE, target)
      : Reflect.getOwnMetadata(REQUEST_TOKEN_ROUTE, target, method)
  ) as Declared;
}

/** {@link routeOptions}, remembered: metadata are slow, and every request to every route asks for them. */
export class RouteOptionsCache {
  private readonly byHandler = new WeakMap<object, Map<Type, RequestTokenRouteOptions | undefined>>();

  of(handler: object, controller: Type): RequestTokenRouteOptions | undefined {
    const known = this.byHandler.get(handler);
    if (known?.has(controller)) return known.get(controller);
    const options = routeOptions(handler, controller);
    this.byHandler.set(handler, (known ?? new Map<Type, typeof options>()).set(controller, options));
    return options;
  }
}

/** A scope fills a `varchar(100)`. */
export function assertScope(scope: unknown): asserts scope is string {
  if (typeof scope !== 'string' || scope === '' || scope.length > 100 || !isStorable(scope)) {
    throw new TypeError('scope must be a text of 1 to 100 characters that PostgreSQL can store');
  }
}
