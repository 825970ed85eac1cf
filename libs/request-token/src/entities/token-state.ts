import type { Moment } from '../common/clock.js';
import type { RequestTokenErrorCode } from '../common/exception.js';
import type { RequestToken } from './request-token.entity.js';

/** Why no use of this row can be taken; undefined if one can. The SQL that takes uses asks the same questions. */
export function rowProblem(
  token: RequestToken | null | undefined,
  { earliest, latest }: Moment,
): RequestTokenErrorCode | undefined {
  if (!token) return 'token_unknown';
  if (token.revokedAt) return 'token_revoked';
  if (token.expiresAt && token.expiresAt <= earliest) return 'token_expired';
  if (token.notBefore && token.notBefore > latest) return 'token_not_yet_valid';
  if (token.maxUses !== null && token.useCount >= token.maxUses) return 'token_exhausted';
  return undefined;
}
