import { Inject, Injectable } from '@nestjs/common';
import { REQUEST_TOKEN_SETTINGS } from './request-token.constants.js';
import type { RequestTokenSettings } from './request-token.settings.js';
import type { Moment } from './token/token-state.js';

/** Where the library takes the time from. One clock decides about JWT and row alike. */
@Injectable()
export class RequestTokenClock {
  constructor(@Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: RequestTokenSettings) {}

  now(): Date {
    return new Date();
  }

  moment(): Moment {
    const now = this.now();
    const tolerance = this.settings.clockTolerance;
    if (tolerance === 0) return { earliest: now, latest: now };
    return { earliest: new Date(now.getTime() - tolerance), latest: new Date(now.getTime() + tolerance) };
  }
}
