import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { RequestTokenRequest } from '../http/request.js';
import { declareController, declareMethod } from '../routes/metadata.js';
import { checkRouteOptions, type UseRequestTokenOptions } from '../routes/route-options.js';
import { gateController, gateLast } from './gate.js';

/**
 * Lets a request token open this route, or every route of this controller. The token is verified and
 * its user resolved before any other guard runs; one use is taken before the handler runs, and
 * settled with the final status. On a controller and on a method of it, the options of both are merged, and
 * the method's have the last say.
 *
 * What is decorated is closed by itself: without a `RequestTokenModule` that checks its requests they are
 * answered with 503.
 *
 * @example
 * ```ts
 * @All('unsubscribe')
 * @UseRequestToken({ scope: 'unsubscribe', confirm: true }) // GET shows a button, a click on it acts
 * async unsubscribe(@Req() { user }: { user: User }) { … }
 * ```
 * @param given the options, or nothing
 * @throws TypeError if an option is misspelt or wrong, such as a scope that is undefined; if what is decorated can be
 *   no route; or if it is not called: `@UseRequestToken` without parentheses
 * @publicApi
 */
export function UseRequestToken(
  ...given: [options?: UseRequestTokenOptions]
): MethodDecorator & ClassDecorator {
  const checked = checkRouteOptions(given);
  return (target: object, method?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (method === undefined) {
      declareController(checked, target);
      gateController(target);
      return;
    }
    const handler: unknown = descriptor?.value;
    if (typeof handler !== 'function' || typeof target === 'function') {
      throw new TypeError(
        `@UseRequestToken() goes on a controller or a method of one, not on ${String(method)}`,
      );
    }
    declareMethod(checked, target, method, handler);
    gateLast(handler);
    gateController(target.constructor);
  };
}

/**
 * The {@link RequestToken} row of which this request has taken a use, as it is since; undefined when
 * the request came without a token.
 *
 * @publicApi
 */
export const CurrentRequestToken = createParamDecorator(
  (_data: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<RequestTokenRequest>().requestToken,
);
