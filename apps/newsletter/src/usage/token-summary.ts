import type { RequestToken } from 'nestjs-request-token';

/** A token as the usage page shows it. */
export interface TokenSummary {
  id: string;
  scope: string;
  target: string;
  recipient: string;
  issuedAt: Date;
  expiresAt: Date | null;
  state: 'usable' | 'not valid yet' | 'used up' | 'expired' | 'revoked';
  usesLeft: string;
}

export function summaryOf(token: RequestToken, recipient: string | undefined, now: Date): TokenSummary {
  const { id, scope, targetPath, userId, issuedAt, expiresAt } = token;
  return {
    id,
    scope: scope ?? '(any)',
    target: targetPath ?? '(any page of its scope)',
    recipient: recipient ?? (userId === null ? '(nobody)' : `(unknown: ${userId})`),
    issuedAt,
    expiresAt,
    state: stateOf(token, now),
    usesLeft: usesLeft(token),
  };
}

/** In the order in which the library gives its reasons. */
function stateOf(token: RequestToken, now: Date): TokenSummary['state'] {
  if (token.revokedAt) return 'revoked';
  if (token.expiresAt && token.expiresAt <= now) return 'expired';
  if (token.notBefore && token.notBefore > now) return 'not valid yet';
  if (token.maxUses !== null && token.useCount >= token.maxUses) return 'used up';
  return 'usable';
}

function usesLeft({ maxUses, useCount }: RequestToken): string {
  return maxUses === null ? 'unlimited' : `${maxUses - useCount} of ${maxUses}`;
}
