import type { RequestToken } from 'nestjs-request-token';
import { LINK_NAMES, type LinkName } from '../mailings/mailing-template.js';

/** A token that can be issued anew. In this app a scope is called like the link that it is for. */
export type RenewableToken = RequestToken & { scope: LinkName; targetPath: string; userId: string };

/**
 * Whether an expired token may be replaced. One that was revoked or used up may not: a new one would give
 * back what was taken away.
 */
export function isRenewable(token: RequestToken | null | undefined): token is RenewableToken {
  return (
    !!token &&
    LINK_NAMES.some((name) => name === token.scope) &&
    token.targetPath !== null &&
    token.userId !== null &&
    token.revokedAt === null &&
    usesLeft(token) !== 0
  );
}

/** As the library means it: null is unlimited. */
export function usesLeft({ maxUses, useCount }: RequestToken): number | null {
  return maxUses === null ? null : Math.max(0, maxUses - useCount);
}

/**
 * Whether the link is of any use to somebody who has unsubscribed. An invitation stands; there is nothing left
 * to unsubscribe from, and no mail whose looks could be chosen.
 */
export function isOfUseToUnsubscribed(scope: LinkName): boolean {
  return scope === 'rsvp';
}
