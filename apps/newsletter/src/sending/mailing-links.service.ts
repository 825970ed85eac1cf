import { Injectable } from '@nestjs/common';
import { route, TokenService } from 'nestjs-request-token';
import { EventsController } from '../events/events.controller.js';
import type { MailingLinks } from '../mailings/mailing-template.js';
import { PreferencesController } from '../preferences/preferences.controller.js';
import type { Subscriber } from '../subscribers/subscriber.entity.js';
import { UnsubscribeController } from '../subscribers/unsubscribe.controller.js';

/** Issues the tokens of one mail: each link does one thing, as the one who gets the mail. */
@Injectable()
export class MailingLinksService {
  constructor(private readonly tokens: TokenService) {}

  async issue(user: Subscriber, slug: string): Promise<MailingLinks> {
    const rsvp = await this.tokens.issue({
      user,
      target: route(EventsController, 'rsvp', { params: { slug } }),
      expiresIn: '30d',
    });
    const preferences = await this.tokens.issue({
      user,
      target: route(PreferencesController, 'show'),
      maxUses: null,
      expiresIn: '30d',
    });
    const unsubscribe = await this.tokens.issue({
      user,
      target: route(UnsubscribeController, 'unsubscribe'),
      maxUses: null,
      expiresIn: '90d',
    });
    return { rsvp: rsvp.url, preferences: preferences.url, unsubscribe: unsubscribe.url };
  }
}
