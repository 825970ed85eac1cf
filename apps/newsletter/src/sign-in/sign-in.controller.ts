import { Body, Controller, Get, HttpCode, Post, Render } from '@nestjs/common';
import { SignInDto } from './sign-in.dto.js';
import { SignInService } from './sign-in.service.js';

@Controller('sign-in')
export class SignInController {
  constructor(private readonly signIns: SignInService) {}

  @Get()
  @Render('sign-in')
  ask() {
    return { title: 'Sign in' };
  }

  /** Says the same whatever happens: who is subscribed is nobody else's business. */
  @Post()
  @HttpCode(200)
  @Render('sign-in-requested')
  async request(@Body() { email }: SignInDto) {
    await this.signIns.request(email);
    return { title: 'Look into your mailbox' };
  }
}
