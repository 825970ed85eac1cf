import type { CanActivate } from '@nestjs/common';
import { GUARDS_METADATA } from '@nestjs/common/constants.js';
import { attemptOf, takeAttempt } from './request-token.attempt.js';

/**
 * The last guard of a decorated route: when all others have agreed, it claims a use. So it comes before
 * every interceptor, and none of them can answer a request, from a cache say, whose token is used up.
 * Routes that are not decorated do without an interceptor of the module, which would cost them a tenth of
 * their speed.
 *
 * An object and no provider, because what stands on a handler is shared by all apps of the process. What it
 * does, the attempt brings along.
 */
const claimGuard: CanActivate = {
  canActivate(context) {
    if (context.getType() !== 'http') return true;
    const request = context.getArgByIndex<object>(0);
    const admit = attemptOf(request)?.admit;
    const attempt = admit && takeAttempt(request, context.getHandler());
    return attempt ? admit(context, attempt) : true;
  },
};

/** Puts it behind the guards that stand on the handler now; those of its controller and the app come before. */
export function claimLast(handler: object): void {
  const others = guardsOf(handler).filter((guard) => guard !== claimGuard);
  Reflect.defineMetadata(GUARDS_METADATA, [...others, claimGuard], handler);
}

export const claimsLast = (handler: object): boolean => guardsOf(handler).at(-1) === claimGuard;

const guardsOf = (handler: object): unknown[] =>
  (Reflect.getMetadata(GUARDS_METADATA, handler) as unknown[] | undefined) ?? [];
