import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OneClickModule } from '../one-click/one-click.module.js';
import { SendingModule } from '../sending/sending.module.js';
import { Subscriber } from '../subscribers/subscriber.entity.js';
import { FreshLinkController } from './fresh-link.controller.js';
import { FreshLink } from './fresh-link.entity.js';
import { FreshLinksService } from './fresh-links.service.js';
import { RequestedMails } from './requested-mails.js';

@Module({
  imports: [TypeOrmModule.forFeature([FreshLink, Subscriber]), OneClickModule, SendingModule],
  controllers: [FreshLinkController],
  providers: [FreshLinksService, RequestedMails],
  exports: [RequestedMails],
})
export class FreshLinksModule {}
