import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { InboxMessage } from './inbox-message.entity.js';
import { InboxSmtpServer } from './inbox-smtp-server.js';
import { InboxController } from './inbox.controller.js';
import { InboxService } from './inbox.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([InboxMessage])],
  controllers: [InboxController],
  providers: [InboxService, InboxSmtpServer],
  exports: [InboxSmtpServer],
})
export class InboxModule {}
