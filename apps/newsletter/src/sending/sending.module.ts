import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DkimModule } from '../dkim/dkim.module.js';
import { InboxModule } from '../inbox/inbox.module.js';
import { MailingsModule } from '../mailings/mailings.module.js';
import { OneClickModule } from '../one-click/one-click.module.js';
import { Subscriber } from '../subscribers/subscriber.entity.js';
import { DeliveriesService } from './deliveries.service.js';
import { Delivery } from './delivery.entity.js';
import { Mailer } from './mailer.js';
import { MailingLinksService } from './mailing-links.service.js';
import { MailingSender } from './mailing-sender.js';
import { MailingStatusService } from './mailing-status.service.js';
import { MailingsController } from './mailings.controller.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Delivery, Subscriber]),
    DkimModule,
    InboxModule,
    MailingsModule,
    OneClickModule,
  ],
  controllers: [MailingsController],
  providers: [DeliveriesService, Mailer, MailingLinksService, MailingSender, MailingStatusService],
  exports: [Mailer, MailingStatusService],
})
export class SendingModule {}
