import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';

/** An ordinary guard that knows nothing of request tokens: it lets pass whoever is logged in. */
@Injectable()
export class LoginRequired implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (!context.switchToHttp().getRequest<{ user?: unknown }>().user) {
      throw new UnauthorizedException(
        'You have to be signed in to see this page, or to open it by a link in a mail of ours.',
      );
    }
    return true;
  }
}
