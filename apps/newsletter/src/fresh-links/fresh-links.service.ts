import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { TokenService } from 'nestjs-request-token';
import { OneClickHeaders } from '../one-click/one-click-headers.js';
import { LINK_TERMS } from '../sending/link-terms.js';
import type { OutgoingMail } from '../sending/mailer.js';
import type { Subscriber } from '../subscribers/subscriber.entity.js';
import { renderFreshLinkMail } from './fresh-link-mail.js';
import { isOfUseToUnsubscribed, isRenewable, type RenewableToken, usesLeft } from './renewal.js';
import { type RequestedMail, RequestedMails } from './requested-mails.js';

const PAUSE_MINUTES = 10;

/** Mails a new link to whom an expired one was for. */
@Injectable()
export class FreshLinksService {
  constructor(
    private readonly tokens: TokenService,
    private readonly mails: RequestedMails,
    private readonly oneClick: OneClickHeaders,
  ) {}

  /** All that is believed is the signature; what it was for and whom, the row tells, or will. */
  requestBehind(answer: Response, jwt: string): void {
    this.mails.requestBehind(answer, () => this.find(jwt));
  }

  /** Undefined if there is nothing to renew. */
  private async find(jwt: string): Promise<RequestedMail | undefined> {
    const { code, token: row, deferred } = await this.tokens.inspect(jwt);
    const token = row ?? deferred;
    if (code !== 'token_expired' || !isRenewable(token)) return undefined;
    const { userId, scope } = token;
    return {
      userId,
      scope,
      pauseMinutes: PAUSE_MINUTES,
      toUnsubscribed: isOfUseToUnsubscribed(scope),
      compose: (subscriber) => this.compose(token, subscriber),
    };
  }

  /** Same purpose, page and data; as many uses as were left. */
  private async compose(token: RenewableToken, subscriber: Subscriber): Promise<OutgoingMail> {
    const { scope, targetPath, loginMode, data } = token;
    const issued = await this.tokens.issue({
      user: subscriber,
      scope,
      target: targetPath,
      loginMode,
      data,
      ...LINK_TERMS[scope],
      maxUses: usesLeft(token),
    });
    const mail = renderFreshLinkMail(scope, issued.url, subscriber.name);
    return { ...mail, headers: scope === 'unsubscribe' ? this.oneClick.of(issued) : {} };
  }
}
