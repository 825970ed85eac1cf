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

/** What {@link stateOf} says. */
export const TOKEN_STATES = ['usable', 'revoked', 'expired', 'not_yet_valid', 'exhausted'] as const;

/**
 * How a token is: `usable`, or what keeps it from being used.
 *
 * @publicApi
 */
export type RequestTokenState = (typeof TOKEN_STATES)[number];

export function stateOf(token: RequestToken, moment: Moment): RequestTokenState {
  const problem = rowProblem(token, moment);
  return problem ? (problem.replace('token_', '') as RequestTokenState) : 'usable';
}
