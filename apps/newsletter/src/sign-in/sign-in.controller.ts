import { Body, Controller, Get, HttpCode, Post, Render, Res } from '@nestjs/common';
import type { Response } from 'express';
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
  request(@Body() { email }: SignInDto, @Res({ passthrough: true }) response: Response) {
    this.signIns.requestBehind(response, email);
    return { title: 'Look into your mailbox' };
  }
}
