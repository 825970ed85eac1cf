import type { Type } from '@nestjs/common';
import { checkOf, isObject } from '../common/given.js';

/**
 * Names of a class's methods, of which {@link route} takes one.
 *
 * @publicApi
 */
export type MethodOf<Controller> = {
  [Key in keyof Controller]: Controller[Key] extends (...args: never[]) => unknown ? Key : never;
}[keyof Controller] &
  string;

/**
 * What of a link the route's own path leaves open.
 *
 * @publicApi
 */
export interface RouteParts {
  /** Values of the path's parameters; a wildcard takes a list of segments, and a bare `*` is named `path`. They are escaped. */
  params?: Record<string, string | number | readonly string[]>;
  /** Query parameters of the link. A token is bound to the path only. */
  query?: Record<string, string | number | boolean | readonly string[]>;
}

/**
 * A target named by controller and method; made by {@link route}.
 *
 * @publicApi
 */
export class RouteTarget {
  constructor(
    readonly controller: Type<object>,
    readonly method: string,
    readonly parts: RouteParts,
  ) {}
}

const checkParts = checkOf<RouteParts>('route', "{ params: { slug: 'spring' } }", {
  params: null,
  query: null,
});

/**
 * A target by controller and method, instead of a path written by hand. The path is the true one, with
 * global prefix, version and module paths; the token's scope is the one in the route's
 * `@UseRequestToken()`. Of several paths or versions the first is taken. A process that serves no HTTP
 * has to be told prefix and versions by the module's option `routes`.
 *
 * @example
 * ```ts
 * await tokens.issue({ user: ann, target: route(EventsController, 'rsvp', { params: { slug: 'spring' } }) });
 * ```
 * `issue` throws if the controller is not part of the app, the method is no decorated route, a
 * parameter is missing or is none of that route, or a process without HTTP lacks the option `routes`.
 *
 * @throws TypeError if there is no controller, as in a circle of imports, or a value can be no part of a link
 * @publicApi
 */
export const route = <Controller extends object>(
  controller: Type<Controller>,
  method: MethodOf<Controller>,
  parts: RouteParts = {},
): RouteTarget => {
  if (typeof controller !== 'function') {
    throw new TypeError(
      'route: give a controller class; where two files import each other, it may not be there yet',
    );
  }
  if (typeof method !== 'string' || method === '') {
    throw new TypeError(`route: give the name of a method of ${controller.name}`);
  }
  checkParts(parts);
  assertValues('params', parts.params, ['string', 'number']);
  assertValues('query', parts.query, ['string', 'number', 'boolean']);
  return new RouteTarget(controller, method, parts);
};

/** Of what is undefined, null or NaN, a link would have just the word. */
function assertValues(part: keyof RouteParts, values: unknown, types: readonly string[]): void {
  if (values === undefined) return;
  if (!isObject(values)) throw new TypeError(`route: ${part} must be an object of values by name`);
  for (const [name, value] of Object.entries(values)) {
    const isGood = (item: unknown) =>
      types.includes(typeof item) && (typeof item !== 'number' || Number.isFinite(item));
    if (!(Array.isArray(value) ? value.every(isGood) : isGood(value))) {
      throw new TypeError(`route: ${part}.${name} must be of type ${types.join(' or ')}, or a list of such`);
    }
    if (
      part === 'params' &&
      (value === '' || (Array.isArray(value) && (value.length === 0 || value.includes(''))))
    ) {
      throw new TypeError(`route: params.${name} is empty; no route would match it`);
    }
  }
}
