import { Controller, Get, Render } from '@nestjs/common';
import { DkimKey } from '../dkim/dkim-key.js';
import { EventsService } from '../events/events.service.js';
import { MailingsService } from '../mailings/mailings.service.js';
import { MailingStatusService } from '../sending/mailing-status.service.js';
import { SubscribersService } from '../subscribers/subscribers.service.js';

@Controller()
export class HomeController {
  constructor(
    private readonly subscribers: SubscribersService,
    private readonly mailings: MailingsService,
    private readonly statuses: MailingStatusService,
    private readonly events: EventsService,
    private readonly dkimKey: DkimKey,
  ) {}

  @Get()
  @Render('home')
  async show() {
    const mailings = await Promise.all(
      this.mailings.all().map(async (mailing) => ({
        status: await this.statuses.of(mailing),
        coming: await this.events.countComing(mailing.slug),
      })),
    );
    return {
      title: 'Start',
      people: await this.subscribers.count(),
      mailings,
      dkimRecord: this.dkimKey.publicRecord,
    };
  }
}
