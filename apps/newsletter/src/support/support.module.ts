import { Module } from '@nestjs/common';
import { RequestTokenAdminModule } from 'nestjs-request-token/admin';
import { SubscribersModule } from '../subscribers/subscribers.module.js';
import { OperatorGuard } from './operator.guard.js';
import { TokenRecipients } from './token-recipients.js';

@Module({ imports: [SubscribersModule], providers: [TokenRecipients], exports: [TokenRecipients] })
class RecipientsModule {}

/** What became of links, and why one does not work, at `/request-tokens`. */
@Module({
  imports: [
    RequestTokenAdminModule.registerAsync({
      guards: [OperatorGuard],
      imports: [RecipientsModule],
      inject: [TokenRecipients],
      useFactory: (users: TokenRecipients) => ({ users }),
    }),
  ],
})
export class SupportModule {}
