import { All, type CanActivate, Controller, type ExecutionContext, Get, Injectable } from '@nestjs/common';
import { Module, Req, UnauthorizedException } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { UseRequestToken } from 'nestjs-request-token';
import type { User } from '../../../support/user.entity.js';

@Injectable()
export class LoginRequired implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (!context.switchToHttp().getRequest<{ user?: User }>().user) throw new UnauthorizedException();
    return true;
  }
}

@Controller('invoices')
export class InvoicesController {
  @Get()
  list() {
    return ['2026-1', '2026-2']; // for those who are logged in
  }

  @All('latest')
  @UseRequestToken({ scope: 'invoice', confirm: true }) // and for whoever has a link
  latest(@Req() { user }: { user: User }) {
    return `2026-2, for ${user.name}`;
  }
}

@Module({
  controllers: [InvoicesController],
  providers: [{ provide: APP_GUARD, useClass: LoginRequired }], // as it was before
})
export class InvoicesModule {}
