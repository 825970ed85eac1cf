import type { Type } from '@nestjs/common';

/** Names of a class's methods. */
export type MethodOf<Controller> = {
  [Key in keyof Controller]: Controller[Key] extends (...args: never[]) => unknown ? Key : never;
}[keyof Controller] &
  string;

/** @publicApi */
export interface RouteParts {
  /** Values of the path's parameters; a wildcard takes a list of segments. They are escaped. */
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

/**
 * A target by controller and method, instead of a path written by hand. The path is the true one, with
 * global prefix, version and module paths; the token's scope is the one in the route's
 * `@UseRequestToken()`. Of several paths or versions the first is taken. Prefix and versioning are those of
 * the app that issues: a worker without HTTP knows neither, so give it path and scope instead.
 *
 * @example
 * ```ts
 * tokens.issue({ user, target: route(EventsController, 'rsvp', { params: { slug: 'spring' } }) })
 * ```
 * `issue` throws if the controller is not part of the app, the method is no decorated route, or a
 * parameter is missing.
 *
 * @publicApi
 */
export const route = <Controller extends object>(
  controller: Type<Controller>,
  method: MethodOf<Controller>,
  parts: RouteParts = {},
): RouteTarget => new RouteTarget(controller, method, parts);
