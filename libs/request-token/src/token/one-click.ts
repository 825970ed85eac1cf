import { Injectable } from '@nestjs/common';
import { match } from 'path-to-regexp';
import { patternOf } from '../routes/path-pattern.js';
import { RoutePaths } from '../routes/route-paths.js';
import { RouteTable } from '../routes/route-table.js';
import type { IssuedToken } from './issue.js';

/**
 * The two header fields of one-click unsubscription (RFC 8058), in the shape of nodemailer's `headers`.
 * Both must be covered by the mail's DKIM signature.
 *
 * @publicApi
 */
export interface ListUnsubscribeHeaders {
  'List-Unsubscribe': string;
  'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click';
}

/** Longest line of a mail (RFC 5322 section 2.1.1), less the name of the field and its brackets. */
const MAX_LINK_LENGTH = 998 - 'List-Unsubscribe: <>'.length;

interface ConfirmRoute {
  scope?: string;
  matches: (path: string) => boolean;
}

/** Mail programs POST to a link by themselves; this says which links can bear it. */
@Injectable()
export class OneClick {
  private routes?: ConfirmRoute[];

  constructor(
    private readonly table: RouteTable,
    private readonly paths: RoutePaths,
  ) {}

  /**
   * @throws Error if the link is not https, is too long, or its route does not act on POST. A process that neither
   *   serves HTTP nor imports any controller with decorated routes does not know that, and takes its caller's word.
   */
  headersFor({ token, url }: IssuedToken): ListUnsubscribeHeaders {
    const { protocol, hostname } = new URL(url);
    if (protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
      throw new Error(
        `listUnsubscribe: one-click needs an https link (RFC 8058), and baseUrl is ${protocol}//`,
      );
    }
    if (url.length > MAX_LINK_LENGTH) {
      throw new Error(`listUnsubscribe: the link is too long for a mail header (${url.length} characters)`);
    }
    const { scope, targetPath } = token;
    const canConfirm =
      targetPath !== null &&
      (this.knowsNoRoute ||
        this.confirmRoutes.some(
          (route) => (route.scope === undefined || route.scope === scope) && route.matches(targetPath),
        ));
    if (!canConfirm) {
      throw new Error(
        'listUnsubscribe: the link must lead to a route with confirm: true, which acts on POST; issue it with target: route(…)',
      );
    }
    return { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
  }

  private get knowsNoRoute(): boolean {
    return !this.paths.areServedHere && this.table.handlers().length === 0;
  }

  /** Kept, because a mailing asks for each of its mails. */
  private get confirmRoutes(): ConfirmRoute[] {
    return (this.routes ??= this.table
      .all()
      .filter(({ options }) => options.confirm)
      .map((route) => {
        const matchers = this.paths.of(route).flatMap(matcherOf);
        return {
          scope: route.options.scope,
          matches: (path) => matchers.some((isMatch) => isMatch(path) !== false),
        };
      }));
  }
}

/** None for a path that only Fastify can read, such as one with a regular expression: the others still have theirs. */
function matcherOf(path: string): ReturnType<typeof match>[] {
  try {
    return [match(patternOf(path))];
  } catch {
    return [];
  }
}
