import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { REQUEST_TOKEN_ROUTE } from './request-token.constants.js';
import { createRouteOptions, type UseRequestTokenOptions } from './request-token.metadata.js';
import type { RequestTokenRequest } from './request-token.http.js';

/**
 * Lets a request token open this route, or every route of this controller. The token is verified and
 * its user resolved before any other guard runs; one use is claimed before the handler runs, and
 * settled with the final status.
 *
 * @example
 * ```ts
 * @Get('unsubscribe')
 * @UseRequestToken({ scope: 'unsubscribe' })
 * unsubscribe(@Req() request) { … }
 * ```
 * @throws TypeError if the scope is empty or longer than 100 characters
 * @publicApi
 */
export const UseRequestToken = (options: UseRequestTokenOptions = {}): MethodDecorator & ClassDecorator =>
  SetMetadata(REQUEST_TOKEN_ROUTE, createRouteOptions(options));

/**
 * The {@link RequestToken} row whose use this request claimed, as it is after the claim; undefined when
 * the request came without a token.
 *
 * @publicApi
 */
export const CurrentRequestToken = createParamDecorator(
  (_data: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<RequestTokenRequest>().requestToken,
);
