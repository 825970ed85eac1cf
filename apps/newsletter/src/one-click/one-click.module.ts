import { Module } from '@nestjs/common';
import { DkimModule } from '../dkim/dkim.module.js';
import { MailSignatures } from './mail-signatures.js';
import { OneClickHeaders } from './one-click-headers.js';

/** One-click unsubscription, from both sides: what a mail has to carry, and what its reader makes of it. */
@Module({
  imports: [DkimModule],
  providers: [MailSignatures, OneClickHeaders],
  exports: [MailSignatures, OneClickHeaders],
})
export class OneClickModule {}
