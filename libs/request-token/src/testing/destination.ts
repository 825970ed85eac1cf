import type { INestApplication } from '@nestjs/common';
import { REQUEST_TOKEN_SETTINGS } from '../common/constants.js';
import { parseUrl } from '../common/parse-url.js';
import { basePathOf, Links, type LinkSettings } from '../routes/links.js';
import { RouteMatcher } from '../routes/route-matcher.js';
import type { IssuedToken } from '../token/issue.js';
import { TokenService } from '../token/token.service.js';

/**
 * A link: one that was issued, its URL, or its path and query. Of a link to a page of a front end, which is another
 * program, the kit asks the route that its token is bound to, as that page would; given as a URL, without what
 * else is in the query of the route.
 *
 * @publicApi
 */
export type LinkToFollow = string | Pick<IssuedToken, 'url' | 'targetUrl'>;

/** Where a link leads in this app. */
export interface Destination {
  /** Path and query. */
  path: string;
  /** Origin of the page that asks for it, if the link leads to one. */
  frontend?: string;
}

/** Finds out where links lead. */
export class Destinations {
  constructor(private readonly app: INestApplication) {}

  /** @throws TypeError if it is no link of this app */
  async of(link: LinkToFollow): Promise<Destination> {
    const given: Partial<IssuedToken> | null | undefined = typeof link === 'string' ? { url: link } : link;
    const { url, targetUrl } = given ?? {};
    if (url === undefined)
      throw new TypeError('give a link: what issue or kit.link returned, or its URL or path');
    const routeUrl = targetUrl ?? (await this.routeOfPage(url));
    if (routeUrl === undefined) return { path: this.requested(url) };
    return { path: this.requested(routeUrl), frontend: new URL(url, this.settings.baseUrl).origin };
  }

  /** What a page asks for, by the token in its link; undefined if the link leads to a route of this app. */
  private async routeOfPage(link: string): Promise<string | undefined> {
    const { baseUrl, frontends, parameter } = this.settings;
    const page = parseUrl(link, baseUrl);
    if (!page) return undefined;
    const { origin, pathname, searchParams } = page;
    const isOfFrontend = frontends.includes(origin);
    if (!isOfFrontend && origin !== baseUrl.origin) return undefined;
    const isInFragment = !searchParams.has(parameter);
    if (!isOfFrontend && !isInFragment && (link.startsWith('/') || this.isServed(pathname))) return undefined;

    const { claims } = await this.app.get(TokenService).inspect(link);
    const jwt = claims && this.app.get(Links).tokenIn(link);
    if (!jwt) return undefined;
    if (claims.tgt !== undefined) return `${claims.tgt}?${parameter}=${jwt}`;
    if (!isOfFrontend && !isInFragment) return undefined;
    throw new Error('the token of this link has no target: only its page knows which route it asks for');
  }

  private isServed(pathname: string): boolean {
    const base = basePathOf(this.settings.baseUrl);
    return (
      pathname.startsWith(`${base}/`) &&
      this.app.get(RouteMatcher).matching(pathname.slice(base.length)).length > 0
    );
  }

  private requested(link: string): string {
    const { path, url } = this.app.get(Links).target(link);
    return url.query ? `${path}?${url.query}` : path;
  }

  private get settings(): LinkSettings {
    return this.app.get(REQUEST_TOKEN_SETTINGS);
  }
}
