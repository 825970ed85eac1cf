import { All, Controller, HttpStatus, Post, Redirect, Render, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { UseRequestToken } from 'nestjs-request-token';
import { EventsService } from '../events/events.service.js';
import { MailingsService } from '../mailings/mailings.service.js';
import { LoginRequired } from '../preferences/login-required.guard.js';
import { endSession } from '../sessions/end-session.js';
import { SIGN_IN_SCOPE } from '../sign-in/sign-in-scope.js';
import { CurrentSubscriber } from '../subscribers/current-subscriber.decorator.js';
import { Subscriber } from '../subscribers/subscriber.entity.js';

@Controller()
export class AccountController {
  constructor(
    private readonly events: EventsService,
    private readonly mailings: MailingsService,
  ) {}

  /**
   * With a token of login mode `session` the library asks, signs in and comes back here; the token is not
   * required, because the browser comes back without it. All that is written here is an ordinary page.
   */
  @All('account')
  @UseRequestToken({
    scope: SIGN_IN_SCOPE,
    required: false,
    confirm: {
      title: 'Sign in?',
      message: 'Press the button, and this browser is signed in to your account.',
      button: 'Sign in',
      translations: {
        de: {
          title: 'Anmelden?',
          message: 'Ein Klick, und dieser Browser ist bei Ihrem Konto angemeldet.',
          button: 'Anmelden',
        },
      },
    },
  })
  @UseGuards(LoginRequired)
  @Render('account')
  async show(@CurrentSubscriber() subscriber: Subscriber) {
    const titles = new Map(this.mailings.all().map(({ slug, template }) => [slug, template.title]));
    const rsvps = await this.events.acceptedBy(subscriber);
    return {
      title: 'Your account',
      subscriber,
      rsvps: rsvps.map(({ event, answeredAt }) => ({ title: titles.get(event) ?? event, answeredAt })),
    };
  }

  @Post('sign-out')
  @Redirect('/', HttpStatus.SEE_OTHER)
  async signOut(@Req() request: Request, @Res({ passthrough: true }) response: Response) {
    await endSession(request, response);
  }
}
