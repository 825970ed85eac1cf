import type { RequestTokenRouteOptions } from './request-token.metadata.js';
import type { RequestTokenClaims } from './token/claims.js';

/** One request to a decorated route, on its way from the guard to the interceptor. */
export interface Attempt {
  readonly options: RequestTokenRouteOptions;
  readonly startedAt: Date;
  /** Set once the token is verified and its recipient loaded. */
  claims?: RequestTokenClaims;
  recipient?: object;
}

// Kept under a symbol, out of the reach of whatever a client can make a parser put on a request.
const ATTEMPT = Symbol('nestjs-request-token:attempt');

type WithAttempt = { [ATTEMPT]?: Attempt };

export const hasAttempt = (request: object): boolean => ATTEMPT in request;

export function beginAttempt(request: object, options: RequestTokenRouteOptions, startedAt: Date): Attempt {
  return ((request as WithAttempt)[ATTEMPT] = { options, startedAt });
}

/** Hands the attempt over, once: a second interceptor must not claim a second use. */
export function takeAttempt(request: object): Attempt | undefined {
  const attempt = (request as WithAttempt)[ATTEMPT];
  (request as WithAttempt)[ATTEMPT] = undefined;
  return attempt;
}
