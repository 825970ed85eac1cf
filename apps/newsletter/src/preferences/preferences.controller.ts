import { Body, Controller, Get, HttpCode, Post, Render, Req, UseGuards } from '@nestjs/common';
import type { Request } from 'express';
import { requestTokenField, UseRequestToken } from 'nestjs-request-token';
import { CurrentSubscriber } from '../subscribers/current-subscriber.decorator.js';
import { Subscriber } from '../subscribers/subscriber.entity.js';
import { SubscribersService } from '../subscribers/subscribers.service.js';
import { LoginRequired } from './login-required.guard.js';
import { PreferencesDto } from './preferences.dto.js';

/**
 * A token is bound to a path, so the form is shown and saved at the same one. The link may be opened as often
 * as anybody likes, by mail scanners too: it only shows a form. Whoever is signed in needs no link.
 */
@Controller('preferences')
@UseGuards(LoginRequired)
@UseRequestToken({ scope: 'preferences', required: false, direct: true })
export class PreferencesController {
  constructor(private readonly subscribers: SubscribersService) {}

  @Get()
  @Render('preferences')
  show(@CurrentSubscriber() subscriber: Subscriber, @Req() request: Request) {
    return { title: 'Your preferences', subscriber, tokenField: requestTokenField(request) };
  }

  @Post()
  @HttpCode(200)
  @Render('preferences-saved')
  async save(@CurrentSubscriber() subscriber: Subscriber, @Body() { name, mailFormat }: PreferencesDto) {
    await this.subscribers.savePreferences(subscriber, name, mailFormat);
    return { title: 'Your preferences are saved', name, mailFormat };
  }
}
