import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Subscriber } from './subscriber.entity.js';

/** The recipient of the request token, which the library has put in the place of a logged-in user. */
export const CurrentSubscriber = createParamDecorator(
  (_data: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<{ user: Subscriber }>().user,
);
