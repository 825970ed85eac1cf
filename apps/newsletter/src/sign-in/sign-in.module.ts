import { Module } from '@nestjs/common';
import { FreshLinksModule } from '../fresh-links/fresh-links.module.js';
import { SubscribersModule } from '../subscribers/subscribers.module.js';
import { SignInController } from './sign-in.controller.js';
import { SignInService } from './sign-in.service.js';

@Module({
  imports: [FreshLinksModule, SubscribersModule],
  controllers: [SignInController],
  providers: [SignInService],
})
export class SignInModule {}
