import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import type { RequestTokenRequest } from 'nestjs-request-token';

/** The login guard of an ordinary app, which knows nothing of request tokens. */
@Injectable()
export class LoginRequired implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (!context.switchToHttp().getRequest<RequestTokenRequest>().user) throw new UnauthorizedException();
    return true;
  }
}
