import type { Type } from '@nestjs/common';
import type { ConfirmOptions } from './pages/page.js';
import { REQUEST_TOKEN_ROUTE } from './request-token.constants.js';
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
  /** Whether a final status of 400 or above gives the use back. Default: true. */
  releaseOnFailure?: boolean;
}

export type RequestTokenRouteOptions = Required<Omit<UseRequestTokenOptions, 'scope'>> & { scope?: string };

/** @throws TypeError at decoration, so that a bad route never serves */
export function createRouteOptions(options: UseRequestTokenOptions): RequestTokenRouteOptions {
  if (options.scope !== undefined) assertScope(options.scope);
  return {
    scope: options.scope,
    required: options.required ?? true,
    onInvalid: options.onInvalid ?? 'refuse',
    confirm: options.confirm ?? false,
    direct: options.direct ?? false,
    log: options.log ?? true,
    releaseOnFailure: options.releaseOnFailure ?? true,
  };
}

/** The only place that reads what `@UseRequestToken()` left: on the method, else on its controller. */
export function routeOptions(handler: object, controller: Type): RequestTokenRouteOptions | undefined {
  return (Reflect.getMetadata(REQUEST_TOKEN_ROUTE, handler) ??
    Reflect.getMetadata(REQUEST_TOKEN_ROUTE, controller)) as RequestTokenRouteOptions | undefined;
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
