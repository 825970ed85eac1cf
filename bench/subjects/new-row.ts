import { v7 as uuidv7 } from 'uuid';
import { LIFETIME_DAYS, SCOPE } from './subject.js';

/** The row of a new token as the hand-written subjects insert it; the same as the library's. */
export function newRow(userId: string) {
  const issuedAt = new Date();
  return {
    id: uuidv7(),
    scope: SCOPE,
    userId,
    loginMode: 'request' as const,
    issuedAt,
    expiresAt: new Date(issuedAt.getTime() + LIFETIME_DAYS * 86_400_000),
    maxUses: 1,
  };
}
