import { All, Controller, Param, Render } from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { MailingParams } from '../mailings/mailing.params.js';
import { MailingsService } from '../mailings/mailings.service.js';
import { CurrentSubscriber } from '../subscribers/current-subscriber.decorator.js';
import { Subscriber } from '../subscribers/subscriber.entity.js';
import { EventsService } from './events.service.js';

/** An event has no data of its own: it is what a mailing invites to, and is called after it. */
@Controller('events')
export class EventsController {
  constructor(
    private readonly events: EventsService,
    private readonly mailings: MailingsService,
  ) {}

  @All(':slug/rsvp')
  @UseRequestToken({
    scope: 'rsvp',
    confirm: {
      title: 'Are you coming?',
      message: 'Press the button, and there will be a chair for you.',
      button: "I'll be there",
      translations: {
        de: {
          title: 'Kommen Sie?',
          message: 'Ein Klick, und es steht ein Stuhl für Sie bereit.',
          button: 'Ich komme',
        },
      },
    },
  })
  @Render('rsvp')
  async rsvp(@Param() { slug }: MailingParams, @CurrentSubscriber() subscriber: Subscriber) {
    const { template } = this.mailings.get(slug);
    await this.events.accept(slug, subscriber);
    return {
      title: 'See you there',
      event: template.title,
      name: subscriber.name,
      coming: await this.events.countComing(slug),
    };
  }
}
