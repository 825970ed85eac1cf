import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { route, TokenService } from 'nestjs-request-token';
import { AccountController } from '../account/account.controller.js';
import { type RequestedMail, RequestedMails } from '../fresh-links/requested-mails.js';
import type { OutgoingMail } from '../sending/mailer.js';
import type { Subscriber } from '../subscribers/subscriber.entity.js';
import { SubscribersService } from '../subscribers/subscribers.service.js';
import { renderSignInMail, SIGN_IN_MINUTES } from './sign-in-mail.js';
import { SIGN_IN_SCOPE } from './sign-in-scope.js';

const PAUSE_MINUTES = 2;

/** Mails subscribers a link that signs them in. There are no passwords. */
@Injectable()
export class SignInService {
  constructor(
    private readonly subscribers: SubscribersService,
    private readonly mails: RequestedMails,
    private readonly tokens: TokenService,
  ) {}

  requestBehind(answer: Response, email: string): void {
    this.mails.requestBehind(answer, () => this.find(email));
  }

  private async find(email: string): Promise<RequestedMail | undefined> {
    const subscriber = await this.subscribers.findByEmail(email);
    return (
      subscriber && {
        userId: subscriber.id,
        scope: SIGN_IN_SCOPE,
        pauseMinutes: PAUSE_MINUTES,
        compose: (recipient) => this.compose(recipient),
      }
    );
  }

  private async compose(user: Subscriber): Promise<OutgoingMail> {
    const { url } = await this.tokens.issue({
      user,
      target: route(AccountController, 'show'),
      loginMode: 'session',
      expiresIn: `${SIGN_IN_MINUTES}m`,
      maxUses: 1,
    });
    return { ...renderSignInMail(user.name, url), headers: {} };
  }
}
