import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { MailingsModule } from '../mailings/mailings.module.js';
import { AccountController } from './account.controller.js';

@Module({ imports: [EventsModule, MailingsModule], controllers: [AccountController] })
export class AccountModule {}
