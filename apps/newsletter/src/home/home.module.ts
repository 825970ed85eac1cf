import { Module } from '@nestjs/common';
import { DkimModule } from '../dkim/dkim.module.js';
import { EventsModule } from '../events/events.module.js';
import { MailingsModule } from '../mailings/mailings.module.js';
import { SendingModule } from '../sending/sending.module.js';
import { SubscribersModule } from '../subscribers/subscribers.module.js';
import { HomeController } from './home.controller.js';

@Module({
  imports: [DkimModule, EventsModule, MailingsModule, SendingModule, SubscribersModule],
  controllers: [HomeController],
})
export class HomeModule {}
