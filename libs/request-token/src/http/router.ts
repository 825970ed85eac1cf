/**
 * What the app's router makes of requests and paths. A token that is bound to a path must open what the link to
 * this path opens, and nothing else; so only the router can say which paths are one.
 */
export interface Router {
  /** Whether a semicolon begins the query, as a question mark does. */
  readonly splitsAtSemicolon: boolean;

  /** The request target as it is compared with routes. */
  urlOf(request: object): string;

  /**
   * Where another app has mounted this one, such as `/portal`: what stands before all of its routes in the
   * request target. Empty if there is none.
   */
  mountOf(request: object): string;

  /**
   * Whether a request with the one path has reached the handler, with the parameters, that a request with the
   * other would have reached. Both are plain and decode to the same; asked for in this rare case only.
   */
  leadsToSame(request: object, path: string, other: string): boolean;

  /**
   * What keeps every request to a path from its route; undefined if nothing does.
   *
   * @param params values that stand in it for parameters of the route, as far as they are known
   */
  problemOf(path: string, params: readonly string[]): string | undefined;
}

/** Of an adapter that is neither Express nor Fastify. Paths are the same if they are equal. */
export class UnknownRouter implements Router {
  readonly splitsAtSemicolon = false;

  constructor(private readonly adapter: { getRequestUrl(request: object): unknown }) {}

  urlOf(request: object): string {
    return String(this.adapter.getRequestUrl(request));
  }

  mountOf(): string {
    return '';
  }

  leadsToSame(): boolean {
    return false;
  }

  problemOf(): undefined {
    return undefined;
  }
}
