import type { ExecutionContext } from '@nestjs/common';
import type { RequestTokenRouteOptions } from './request-token.metadata.js';
import type { RequestTokenClaims } from './token/claims.js';

/** Resolves when the handler may run. */
export type Admit = (context: ExecutionContext, attempt: Attempt) => Promise<void>;

/** One request to a decorated route, on its way from the guard to its claim. */
export interface Attempt {
  readonly handler: object;
  /** What the last guard of the route does; absent where an interceptor does it. */
  readonly admit?: Admit;
  readonly options: RequestTokenRouteOptions;
  readonly startedAt: Date;
  /** The parameter that brought the token, for forms and links that pass it on. */
  parameter?: { name: string; value: string };
  /** Set once the token is verified and its recipient loaded. */
  claims?: RequestTokenClaims;
  recipient?: object;
  /** Whether somebody sees to its claim. */
  isTaken: boolean;
}

// Kept under a symbol, out of the reach of whatever a client can make a parser put on a request.
const ATTEMPT = Symbol('nestjs-request-token:attempt');

type WithAttempt = { [ATTEMPT]?: Attempt };

export const attemptOf = (request: object): Attempt | undefined => (request as WithAttempt)[ATTEMPT];

export function beginAttempt(
  request: object,
  handler: object,
  options: RequestTokenRouteOptions,
  startedAt: Date,
  admit: Admit | undefined,
): Attempt {
  return ((request as WithAttempt)[ATTEMPT] = { handler, options, startedAt, admit, isTaken: false });
}

/** Hands the attempt over, once: nobody must claim a second use. */
export function takeAttempt(request: object, handler: object): Attempt | undefined {
  const attempt = attemptOf(request);
  if (attempt?.handler !== handler || attempt.isTaken) return undefined;
  attempt.isTaken = true;
  return attempt;
}
