import { Controller, Get, Req, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { AllowRequestToken, UseRequestToken } from 'nestjs-request-token';

@Controller('invoices')
@UseGuards(AllowRequestToken(AuthGuard('jwt')))
export class InvoicesController {
  @Get('latest')
  @UseRequestToken({ scope: 'invoice', required: false, direct: true })
  latest(@Req() { user }: { user: { id: string | number } }) {
    return { invoice: '2026-2', user: String(user.id) };
  }
}
