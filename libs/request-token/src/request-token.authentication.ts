import { type CanActivate, type ExecutionContext, mixin, type Type } from '@nestjs/common';
import { attemptOf } from './request-token.attempt.js';
import { standsForUser } from './token/claims.js';

/**
 * Whether a request token made its recipient the user of this request: ask before sensitive actions,
 * which nobody should be able to take with a link. False outside HTTP.
 *
 * @publicApi
 */
export function isRequestTokenAuthenticated(requestOrContext: object): boolean {
  const claims = attemptOf(requestOf(requestOrContext))?.claims;
  return claims !== undefined && standsForUser(claims);
}

/**
 * A guard that lets requests pass that a token authenticated, and leaves all others to the guard given.
 * For guards that do not care whether there is a user already, such as those of `@nestjs/passport`:
 * `@UseGuards(AllowRequestToken(AuthGuard('jwt')))`.
 *
 * @publicApi
 */
export function AllowRequestToken(guard: Type<CanActivate>): Type<CanActivate> {
  class AllowRequestTokenGuard extends guard {
    override canActivate(context: ExecutionContext) {
      return isRequestTokenAuthenticated(context) || super.canActivate(context);
    }
  }
  return mixin(AllowRequestTokenGuard);
}

function requestOf(requestOrContext: object): object {
  const context = requestOrContext as Partial<ExecutionContext>;
  if (typeof context.switchToHttp !== 'function') return requestOrContext;
  return context.getType?.() === 'http' ? context.switchToHttp().getRequest<object>() : {};
}
