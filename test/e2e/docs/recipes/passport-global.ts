import { type ExecutionContext, Injectable, Module } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { AllowRequestToken } from 'nestjs-request-token';
import { ExtractJwt, Strategy } from 'passport-jwt';

export const Public = Reflector.createDecorator<true>();

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: process.env.JWT_SECRET!,
    });
  }

  validate({ sub }: { sub: string }) {
    return { id: sub };
  }
}

@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override canActivate(context: ExecutionContext) {
    return this.reflector.get(Public, context.getHandler()) || super.canActivate(context);
  }
}

@Module({
  imports: [PassportModule],
  providers: [JwtStrategy, { provide: APP_GUARD, useClass: AllowRequestToken(JwtAuthGuard) }],
})
export class AuthModule {}
