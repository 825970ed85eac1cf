import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Subscriber } from './subscriber.entity.js';
import { SubscribersImporter } from './subscribers.importer.js';
import { SubscribersService } from './subscribers.service.js';
import { UnsubscribeController } from './unsubscribe.controller.js';

@Module({
  imports: [TypeOrmModule.forFeature([Subscriber])],
  controllers: [UnsubscribeController],
  providers: [SubscribersService, SubscribersImporter],
  exports: [SubscribersService],
})
export class SubscribersModule {}
