import type { ExceptionFilter, ExecutionContext } from '@nestjs/common';
import type { RequestTokenClaims } from '../common/claims.js';
import type { RouteOptions } from '../routes/metadata.js';
import type { Recipients } from '../users/recipients.js';
import type { RequestFacts, RequestTokenRequest } from './request.js';

/** Takes the use of an attempt: what the gate of a route may know of Admission, and why it is here, see gate.ts. */
export interface UseTaker {
  /** Resolves to true when the handler may run. */
  admit(context: ExecutionContext, attempt: Attempt): Promise<true>;
}

/** One request to a decorated route, on its way from the guard to its use. */
export class Attempt {
  /** The parameter that brought the token, for forms and links that pass it on. */
  parameter?: { name: string; value: string };
  /** Set as soon as there is a token, for whoever has to know users of the app. */
  recipients?: Recipients;
  /** Set once the token is verified and its recipient loaded. */
  claims?: RequestTokenClaims;
  recipient?: object;
  /** Whether `request.user` is there because of it. */
  hasBroughtUser = false;
  /** Whether the guard has let it pass: with a good token, or without one where none is needed. */
  isChecked = false;
  /** Whether somebody sees to its use, or has seen to it. */
  isTaken = false;
  /** Whether the handler may run. */
  isAdmitted = false;
  /** Whether its use has had an effect that a failure does not undo, such as a session. */
  isEffective = false;

  /**
   * @param admission for the gate of the route; absent where the app's interceptor takes the use
   * @param filter answers what turns the request away
   */
  constructor(
    readonly handler: object,
    readonly options: RouteOptions,
    readonly facts: RequestFacts,
    readonly startedAt: Date,
    readonly admission: UseTaker | undefined,
    readonly filter: ExceptionFilter,
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

/**
 * What a request was given for its token is neither for a handler that asks for another one, or for none, nor for
 * one whose use could not be taken: filters and handlers of Express may pass a request on.
 */
export function takeBack(request: RequestTokenRequest): void {
  const attempt = attempts.get(request);
  if (!attempt) return;
  if (attempt.hasBroughtUser) request.user = undefined;
  request.requestTokenClaims = request.requestToken = request.requestTokenError = undefined;
  attempt.isChecked = attempt.hasBroughtUser = false;
  attempt.claims = attempt.recipient = undefined;
}
