import { Injectable } from '@nestjs/common';
import { TokenService } from 'nestjs-request-token';

@Injectable()
export class Housekeeping {
  constructor(private readonly tokens: TokenService) {}

  /** Once an hour, from `@Cron()` of `@nestjs/schedule` or whatever starts your jobs. */
  giveBackWhatHangs(): Promise<number> {
    return this.tokens.releasePending({ olderThan: '1h' });
  }
}
