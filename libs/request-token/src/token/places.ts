import { Injectable } from '@nestjs/common';
import { AppRouter } from '../http/app-router.js';
import { type LinkParts, Links, type Target } from '../routes/links.js';
import { RouteTarget } from '../routes/route.js';
import { RouteResolver } from '../routes/route-resolver.js';

/** Where a token is good, and the link that leads there. */
export interface Place {
  scope?: string;
  path?: string;
  url: LinkParts;
}

/** Makes a place of what callers give as scope and target. */
@Injectable()
export class Places {
  constructor(
    private readonly links: Links,
    private readonly routes: RouteResolver,
    private readonly router: AppRouter,
  ) {}

  /**
   * @throws TypeError if the target is of another site or no request could reach it, or the scope is not that of
   *   the route
   * @throws Error if there is no such route
   */
  of({ scope, target }: { scope?: string; target?: string | RouteTarget }): Place {
    if (target === undefined) return { scope, url: this.links.root() };
    if (typeof target === 'string') return { scope, ...this.target(target) };
    if (!(target instanceof RouteTarget))
      throw new TypeError('target must be a path, a URL as text, or route(…)');
    const route = this.routes.resolve(target);
    if (scope !== undefined && scope !== route.scope) {
      throw new TypeError(`scope '${scope}' is not the scope of that route; leave it out`);
    }
    return { scope: route.scope, ...this.target(route.path, paramsOf(target)) };
  }

  private target(target: string, params?: string[]): Target {
    const found = this.links.target(target);
    this.router.assertReachable(found.path, params);
    return found;
  }
}

/** Of a wildcard, which takes a list, the length does not matter. */
const paramsOf = ({ parts: { params = {} } }: RouteTarget): string[] =>
  Object.values(params).filter((value) => typeof value === 'string');
