import { Injectable, RequestMethod } from '@nestjs/common';
import { isObject } from '../common/given.js';
import { parseUrl } from '../common/parse-url.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import { Links } from '../routes/links.js';
import { RouteMatcher } from '../routes/route-matcher.js';
import { RoutePaths } from '../routes/route-paths.js';
import { RouteTable } from '../routes/route-table.js';
import type { IssuedToken } from './issue.js';

/**
 * The two header fields of one-click unsubscription (RFC 8058), in the shape of nodemailer's `headers`.
 * Both must be covered by the mail's DKIM signature.
 *
 * @publicApi
 */
// No interface, which TypeScript lets nobody give for an object of any names, as nodemailer's `headers` are.
export type ListUnsubscribeHeaders = {
  'List-Unsubscribe': string;
  'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click';
};

/** Longest line of a mail (RFC 5322 section 2.1.1), less the name of the field and its brackets. */
const MAX_LINK_LENGTH = 998 - 'List-Unsubscribe: <>'.length;

/** Mail programs POST to a link by themselves; this says which links can bear it. */
@Injectable()
export class OneClick {
  constructor(
    private readonly links: Links,
    private readonly routes: RouteMatcher,
    private readonly table: RouteTable,
    private readonly paths: RoutePaths,
  ) {}

  /**
   * @throws Error if the link is not https, is too long, or its route does not act on POST. A process that neither
   *   serves HTTP nor imports any controller with decorated routes does not know that, and takes its caller's word.
   * @throws TypeError if it is not what `issue` returned
   */
  headersFor(issued: IssuedToken): ListUnsubscribeHeaders {
    const { token, url, targetUrl = url } = (issued as Partial<IssuedToken> | null | undefined) ?? {};
    const link = typeof targetUrl === 'string' ? parseUrl(targetUrl) : undefined;
    if (!isObject(token) || targetUrl === undefined || !link) {
      throw new TypeError('listUnsubscribe: give what issue returned');
    }
    const { protocol, hostname } = link;
    if (protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
      throw new Error(
        `listUnsubscribe: one-click needs an https link (RFC 8058), and baseUrl is ${protocol}//`,
      );
    }
    if (targetUrl.length > MAX_LINK_LENGTH) {
      throw new Error(
        `listUnsubscribe: the link is too long for a mail header (${targetUrl.length} characters)`,
      );
    }
    if (!this.actsOnPost(token)) {
      throw new Error(
        'listUnsubscribe: the link must lead to a route that acts on POST, such as one with confirm: true; issue it with target: route(…)',
      );
    }
    // A program that posts to a page of a front end is told by nobody that nothing has happened.
    if (!this.links.leadsTo(link, token.targetPath)) {
      throw new Error(
        'listUnsubscribe: the link leads to a page, not its route; give all that issue returned',
      );
    }
    return { 'List-Unsubscribe': `<${targetUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
  }

  private get knowsNoRoute(): boolean {
    return !this.paths.areServedHere && this.table.handlers().length === 0;
  }

  private actsOnPost({ scope, targetPath }: RequestToken): boolean {
    if (targetPath === null) return false;
    if (this.knowsNoRoute) return true;
    return this.routes
      .matching(targetPath)
      .some(
        ({ requestMethod, options }) =>
          METHODS.includes(requestMethod) && (options.scope === undefined || options.scope === scope),
      );
  }
}

const METHODS = [RequestMethod.ALL, RequestMethod.POST];
