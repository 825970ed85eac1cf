import { All, ConflictException, Controller, Get, Param, Query, Req, UseGuards } from '@nestjs/common';
import {
  AllowRequestToken,
  CurrentRequestToken,
  isRequestTokenAuthenticated,
  type RequestToken,
  type RequestTokenRequest,
  UseRequestToken,
} from 'nestjs-request-token';
import { Open, StrictGuard } from './guards.js';

@Controller({ path: 'links', version: '1' })
export class LinksController {
  @Get('open')
  @UseRequestToken({ scope: 'open', direct: true })
  open(@Req() request: RequestTokenRequest, @CurrentRequestToken() token: RequestToken) {
    return {
      user: request.user,
      data: token.data,
      useCount: token.useCount,
      byToken: isRequestTokenAuthenticated(request),
    };
  }

  @Get('events/:slug')
  @UseRequestToken({ scope: 'event', direct: true })
  event(@Param('slug') slug: string) {
    return { slug };
  }

  @Open()
  @Get('optional')
  @UseRequestToken({ scope: 'optional', required: false, direct: true })
  optional(@Req() { user }: RequestTokenRequest) {
    return { user: user ?? 'nobody' };
  }

  /** Without a token only the app's own guard can let a request in here. */
  @Get('members')
  @UseRequestToken({ scope: 'members', required: false, direct: true })
  members(@Req() { user }: RequestTokenRequest) {
    return { user };
  }

  @Get('strict')
  @UseGuards(AllowRequestToken(StrictGuard))
  @UseRequestToken({ scope: 'strict', required: false, direct: true })
  strict() {
    return 'passed';
  }

  @Get('undecorated')
  undecorated() {
    return 'never';
  }

  @All('confirm')
  @UseRequestToken({ scope: 'confirm', confirm: true })
  confirm() {
    return 'acted';
  }

  @Get('failing')
  @UseRequestToken({ scope: 'failing', direct: true })
  failing() {
    throw new ConflictException();
  }

  @Get('unlogged')
  @UseRequestToken({ scope: 'unlogged', log: false, direct: true })
  unlogged(@Query() query: object) {
    if ('well' in query) return 'well';
    throw new ConflictException();
  }

  @Get('slow')
  @UseRequestToken({ scope: 'slow', direct: true })
  async slow() {
    await new Promise((resolve) => setTimeout(resolve, 500));
    return 'done';
  }
}
