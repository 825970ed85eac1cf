import { isDeepStrictEqual } from 'node:util';
import { decode } from '../routes/escaping.js';
import type { Router } from './router.js';

/** What is used of Express. */
export interface ExpressLike {
  /** The prototype of its requests. */
  request: object;
  /** Another app that has mounted this one. */
  parent?: unknown;
  router?: { stack?: ExpressLayer[] };
}

/** A route or a middleware, in the order in which requests meet them. */
interface ExpressLayer {
  name?: string;
  route?: unknown;
  handle: { stack?: unknown };
  /** What it matched, since router 2.3; before, whether it did. */
  match(path: string): boolean | { params?: unknown };
  params?: unknown;
}

interface ExpressRequest {
  route?: unknown;
  url: string;
  originalUrl: string;
  baseUrl: string;
}

/** Asks the layers of the router themselves: each knows how it was told to compare. */
export class ExpressRouter implements Router {
  readonly splitsAtSemicolon = false;

  constructor(private readonly express: ExpressLike) {}

  /** As it was sent: middleware may rewrite `url`, and links are made of what stood there before. */
  urlOf({ originalUrl }: ExpressRequest): string {
    return originalUrl;
  }

  mountOf({ baseUrl }: ExpressRequest): string {
    return baseUrl;
  }

  leadsToSame(request: ExpressRequest, path: string, other: string): boolean {
    // What the outer app, or a middleware that rewrites URLs, would have made of the other path, nobody knows.
    if (this.express.parent || request.baseUrl !== '' || request.url !== request.originalUrl) return false;
    for (const layer of this.express.router?.stack ?? []) {
      const match = matchOf(layer, path);
      if (!isDeepStrictEqual(match, matchOf(layer, other))) return false;
      if (match === undefined) continue;
      if (layer.route !== undefined && layer.route === request.route) return true;
      if (routesByItself(layer)) return false;
    }
    return false;
  }

  problemOf(path: string): string | undefined {
    return decode(path) === undefined ? 'cannot be decoded, and Express answers 400' : undefined;
  }
}

/** A router, or another app: it looks at the path once more. */
const routesByItself = (layer: ExpressLayer): boolean =>
  layer.handle.stack !== undefined || layer.name === 'mounted_app';

/** The parameters, if the layer matches. Before router 2.3 they are left on the layer, for the one who asks. */
function matchOf(layer: ExpressLayer, path: string): { params: unknown } | undefined {
  try {
    const match = layer.match(path);
    if (!match) return undefined;
    return { params: typeof match === 'object' ? match.params : layer.params };
  } catch {
    // A parameter that cannot be decoded; no such request gets here.
    return undefined;
  }
}
