import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OneClickModule } from '../one-click/one-click.module.js';
import { InboxMessage } from './inbox-message.entity.js';
import { InboxSmtpServer } from './inbox-smtp-server.js';
import { InboxController } from './inbox.controller.js';
import { InboxService } from './inbox.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([InboxMessage]), OneClickModule],
  controllers: [InboxController],
  providers: [InboxService, InboxSmtpServer],
  exports: [InboxSmtpServer],
})
export class InboxModule {}
