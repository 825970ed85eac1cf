import { All, Controller, type INestApplication, Injectable, Param, VersioningType } from '@nestjs/common';
import { route, TokenService, UseRequestToken } from 'nestjs-request-token';
import type { User } from '../../../support/user.entity.js';

@Controller({ path: 'events', version: '2' })
export class EventsController {
  @All(':slug/rsvp')
  @UseRequestToken({ scope: 'rsvp', confirm: true })
  rsvp(@Param('slug') slug: string) {
    return `See you at ${slug}.`;
  }
}

@Injectable()
export class Invitations {
  constructor(private readonly tokens: TokenService) {}

  async link(user: User, slug: string): Promise<string> {
    const target = route(EventsController, 'rsvp', { params: { slug }, query: { utm_source: 'mail' } });
    const { url } = await this.tokens.issue({ user, target, expiresIn: '30d' });
    return url; // https://example.com/api/v2/events/spring/rsvp?rt=eyJ…&utm_source=mail
  }
}

/** In main.ts, before `app.listen()`. */
export function configure(app: INestApplication): void {
  app.setGlobalPrefix('api');
  app.enableVersioning({ type: VersioningType.URI });
}
