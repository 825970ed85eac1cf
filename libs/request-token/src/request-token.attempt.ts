import type { ExecutionContext } from '@nestjs/common';
import type { RequestFacts } from './request-token.http.js';
import type { RequestTokenRouteOptions } from './request-token.metadata.js';
import type { RequestTokenClaims } from './token/claims.js';
import type { Recipients } from './users/recipients.js';

/** Resolves to true when the handler may run. */
export type Admit = (context: ExecutionContext, attempt: Attempt) => Promise<true>;

/** One request to a decorated route, on its way from the guard to its claim. */
export class Attempt {
  /** The parameter that brought the token, for forms and links that pass it on. */
  parameter?: { name: string; value: string };
  /** Set as soon as there is a token, for whoever has to know users of the app. */
  recipients?: Recipients;
  /** Set once the token is verified and its recipient loaded. */
  claims?: RequestTokenClaims;
  recipient?: object;
  /** Whether somebody sees to its claim. */
  isTaken = false;

  /**
   * @param admit what the last guard of the route does; absent where an interceptor does it
   */
  constructor(
    readonly handler: object,
    readonly options: RequestTokenRouteOptions,
    readonly request: RequestFacts,
    readonly startedAt: Date,
    readonly admit: Admit | undefined,
  ) {}
}

/**
 * Beside the requests instead of on them: out of the reach of whatever a client can make a parser put there,
 * and cheaper. Express changes the prototype of each request, after which V8 optimizes no property of it.
 */
const attempts = new WeakMap<object, Attempt>();

export const attemptOf = (request: object): Attempt | undefined => attempts.get(request);

export function beginAttempt(request: object, attempt: Attempt): Attempt {
  attempts.set(request, attempt);
  return attempt;
}

/** Hands the attempt over, once: nobody must claim a second use. */
export function takeAttempt(request: object, handler: object): Attempt | undefined {
  const attempt = attemptOf(request);
  if (attempt?.handler !== handler || attempt.isTaken) return undefined;
  attempt.isTaken = true;
  return attempt;
}
