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
   * handler runs without a user, and `request.requestTokenError` says why. If its last use is lost to another
   * request after the app's guards have seen the user, the answer still is a refusal.
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

/** What a decorator says of a controller, beside what another one has said; the later has the last say. */
export function declareController(options: UseRequestTokenOptions, controller: object): void {
  Reflect.defineMetadata(REQUEST_TOKEN_ROUTE, { ...ownOptions(controller), ...options }, controller);
}

/**
 * As {@link declareController}, of a method. It is kept with the method's name, because a function may serve
 * several controllers; and with the function, for whatever takes the function along and not the name.
 *
 * @throws TypeError if the function is decorated under another name, too: a request does not tell which is meant
 */
export function declareMethod(
  options: UseRequestTokenOptions,
  prototype: object,
  method: string | symbol,
  handler: object,
): void {
  const other = namesOf(handler, prototype).find((name) => name !== method && ownOptions(prototype, name));
  if (other !== undefined) {
    throw new TypeError(
      `@UseRequestToken(): ${other} and ${String(method)} are one function; give each route a method of its own`,
    );
  }
  const merged = { ...ownOptions(prototype, method), ...options };
  Reflect.defineMetadata(REQUEST_TOKEN_ROUTE, merged, prototype, method);
  Reflect.defineMetadata(REQUEST_TOKEN_ROUTE, merged, handler);
}

/** @throws TypeError at decoration, so that a bad route never serves */
export function checkRouteOptions(given: unknown[]): UseRequestTokenOptions {
  const [options = {}] = given as [options?: UseRequestTokenOptions];
  if (given.length > 1 || typeof options === 'function') {
    throw new TypeError('@UseRequestToken is to be called: @UseRequestToken()');
  }
  if (given.length === 1 && given[0] === undefined) {
    throw new TypeError('@UseRequestToken(): the options are undefined; leave them out for none');
  }
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
 * Of the method that the handler is, or has taken the place of: decorators, instrumentation and constructors wrap
 * and bind methods, and not all of them pass metadata on. A handler that cannot be told from the decorated ones
 * of its class counts as one of them.
 */
function methodOptions(handler: object, controller: Type): Declared {
  const ofHandler = Reflect.getMetadata(REQUEST_TOKEN_ROUTE, handler) as Declared;
  const prototypes = prototypesOf(controller);
  for (const prototype of prototypes) {
    const [name] = namesOf(handler, prototype);
    if (name !== undefined) return ownOptions(prototype, name) ?? ofHandler;
  }
  const name = (handler as { name: string }).name.replace(/^bound /, '');
  const namesake = prototypes.find((prototype) => Object.hasOwn(prototype, name));
  if (namesake) return ownOptions(namesake, name) ?? ofHandler;
  return ofHandler ?? (prototypes.some(hasDecoratedMethods) ? {} : undefined);
}

/** Whether a method takes the place of a decorated one of a class that its own extends, and is not decorated. */
export function isOverriddenInVain(controller: Type, method: string): boolean {
  const [own, ...others] = prototypesOf(controller);
  const isDecorated = (prototype: object) => ownOptions(prototype, method) !== undefined;
  return (
    Object.hasOwn(own, method) &&
    !isDecorated(own) &&
    others.some(isDecorated) &&
    !routeOptions((own as Record<string, object>)[method], controller)
  );
}

/** Of the class itself first. */
const prototypesOf = (controller: Type): object[] =>
  lineage(controller)
    .map(({ prototype }) => prototype as object)
    .reverse();

/** The names of the methods that are this function. */
const namesOf = (handler: object, prototype: object): string[] =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([, { value }]) => value === handler)
    .map(([name]) => name);

const hasDecoratedMethods = (prototype: object): boolean =>
  Object.keys(Object.getOwnPropertyDescriptors(prototype)).some((name) => ownOptions(prototype, name));

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
