import { type CanActivate, Controller, Delete, type ExecutionContext } from '@nestjs/common';
import { ForbiddenException, Get, Injectable, Req, UseGuards } from '@nestjs/common';
import { isRequestTokenAuthenticated, UseRequestToken } from 'nestjs-request-token';

@Injectable()
export class NotByLink implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (isRequestTokenAuthenticated(context)) throw new ForbiddenException('Please log in to do this.');
    return true;
  }
}

@Controller('account')
@UseRequestToken({ scope: 'account', required: false, direct: true })
export class AccountController {
  @Get()
  show(@Req() request: { user: { name: string } }) {
    return { name: request.user.name, canClose: !isRequestTokenAuthenticated(request) };
  }

  @Delete()
  @UseGuards(NotByLink)
  close() {
    return 'closed';
  }
}
