import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MailingsModule } from '../mailings/mailings.module.js';
import { EventsController } from './events.controller.js';
import { EventsService } from './events.service.js';
import { Rsvp } from './rsvp.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([Rsvp]), MailingsModule],
  controllers: [EventsController],
  providers: [EventsService],
  exports: [EventsService],
})
export class EventsModule {}
