import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Subscriber } from './subscriber.entity.js';

/** Whoever is signed in, or else the recipient of the request token, whom the library puts in that place. */
export const CurrentSubscriber = createParamDecorator(
  (_data: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<{ user: Subscriber }>().user,
);
