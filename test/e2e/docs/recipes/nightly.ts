import { Injectable } from '@nestjs/common';
import { TokenService } from 'nestjs-request-token';

@Injectable()
export class NightlyJob {
  constructor(private readonly tokens: TokenService) {}

  /** From `@Cron()` of `@nestjs/schedule`, say. */
  run() {
    return this.tokens.maintain({ keepLogs: '1y', keepTokens: '90d', releasePending: '1h' });
  }
}
