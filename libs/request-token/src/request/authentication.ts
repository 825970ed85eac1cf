import { type CanActivate, type ExecutionContext, mixin, type Type } from '@nestjs/common';
import { standsForUser } from '../common/claims.js';
import { assertRequest } from '../common/given.js';
import { attemptOf } from '../http/attempt.js';

/**
 * Whether a request token made its recipient the user of this request: ask before sensitive actions,
 * which nobody should be able to take with a link. False outside HTTP, and for another handler than the one
 * that asked for the token.
 *
 * @throws TypeError if it is neither a request nor a context
 * @publicApi
 */
export function isRequestTokenAuthenticated(requestOrContext: object): boolean {
  assertRequest('isRequestTokenAuthenticated', requestOrContext);
  const attempt = attemptOf(requestOf(requestOrContext));
  if (!attempt?.claims || !standsForUser(attempt.claims)) return false;
  return !isContext(requestOrContext) || requestOrContext.getHandler() === attempt.handler;
}

/**
 * A guard that lets requests pass that a token authenticated, and leaves all others to the guard given.
 * For guards that do not care whether there is a user already, such as those of `@nestjs/passport`:
 * `@UseGuards(AllowRequestToken(AuthGuard('jwt')))`. Its type is that of the guard given.
 *
 * @publicApi
 */
export function AllowRequestToken<Guard extends CanActivate>(guard: Type<Guard>): Type<Guard> {
  const base: Type<CanActivate> = guard;
  class AllowRequestTokenGuard extends base {
    override canActivate(context: ExecutionContext) {
      return isRequestTokenAuthenticated(context) || super.canActivate(context);
    }
  }
  return mixin(AllowRequestTokenGuard) as Type<Guard>;
}

const isContext = (requestOrContext: object): requestOrContext is ExecutionContext =>
  typeof (requestOrContext as Partial<ExecutionContext>).switchToHttp === 'function';

function requestOf(requestOrContext: object): object {
  if (!isContext(requestOrContext)) return requestOrContext;
  return requestOrContext.getType() === 'http' ? requestOrContext.switchToHttp().getRequest<object>() : {};
}
