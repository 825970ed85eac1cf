import { Module } from '@nestjs/common';
import { MailingsService } from './mailings.service.js';

@Module({ providers: [MailingsService], exports: [MailingsService] })
export class MailingsModule {}
