import { Injectable } from '@nestjs/common';
import { type IssuedToken, route, type RouteTarget, TokenService } from 'nestjs-request-token';
import { EventsController } from '../events/events.controller.js';
import type { LinkName, MailingLinks } from '../mailings/mailing-template.js';
import { OneClickHeaders } from '../one-click/one-click-headers.js';
import { PreferencesController } from '../preferences/preferences.controller.js';
import type { Subscriber } from '../subscribers/subscriber.entity.js';
import { UnsubscribeController } from '../subscribers/unsubscribe.controller.js';
import { LINK_TERMS } from './link-terms.js';

/** What only the recipient of a mail may get. */
export interface PersonalParts {
  links: MailingLinks;
  headers: Record<string, string>;
}

/** Issues the tokens of one mail: each link does one thing, as the one who gets the mail. */
@Injectable()
export class MailingLinksService {
  constructor(
    private readonly tokens: TokenService,
    private readonly oneClick: OneClickHeaders,
  ) {}

  async issue(user: Subscriber, slug: string): Promise<PersonalParts> {
    const issue = (name: LinkName, target: RouteTarget): Promise<IssuedToken> =>
      this.tokens.issue({ user, target, ...LINK_TERMS[name] });
    const rsvp = await issue('rsvp', route(EventsController, 'rsvp', { params: { slug } }));
    const preferences = await issue('preferences', route(PreferencesController, 'show'));
    const unsubscribe = await issue('unsubscribe', route(UnsubscribeController, 'unsubscribe'));
    return {
      links: { rsvp: rsvp.url, preferences: preferences.url, unsubscribe: unsubscribe.url },
      headers: this.oneClick.of(unsubscribe),
    };
  }
}
