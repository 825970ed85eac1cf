import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  SetMetadata,
  UnauthorizedException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { RequestTokenRequest } from 'nestjs-request-token';

/** A route that the app's login guard lets everybody into. */
export const Open = () => SetMetadata('open', true);

/** The app's own, for all routes. */
@Injectable()
export class LoginGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const isOpen = this.reflector.getAllAndOverride<boolean | undefined>('open', [
      context.getHandler(),
      context.getClass(),
    ]);
    if (isOpen || context.switchToHttp().getRequest<RequestTokenRequest>().user) return true;
    throw new UnauthorizedException();
  }
}

/** Like those of passport: does not care whether there is a user already. */
@Injectable()
export class StrictGuard implements CanActivate {
  readonly #reflector: Reflector;

  constructor(reflector: Reflector) {
    this.#reflector = reflector;
  }

  canActivate(context: ExecutionContext): boolean {
    throw new UnauthorizedException(this.#reflector.get('open', context.getHandler()));
  }
}
