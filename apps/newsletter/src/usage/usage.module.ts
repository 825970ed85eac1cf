import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RequestToken, RequestTokenLog } from 'nestjs-request-token';
import { Subscriber } from '../subscribers/subscriber.entity.js';
import { UsageController } from './usage.controller.js';
import { UsageService } from './usage.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([RequestToken, RequestTokenLog, Subscriber])],
  controllers: [UsageController],
  providers: [UsageService],
})
export class UsageModule {}
