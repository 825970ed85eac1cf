import { Inject, Injectable } from '@nestjs/common';
import { REQUEST_TOKEN_SETTINGS } from './constants.js';

/** Now, give or take the clock tolerance. */
export interface Moment {
  /** A token that expires after this has not expired. */
  earliest: Date;
  /** A token that starts before or at this has started. */
  latest: Date;
}

export interface ClockSettings {
  /** By how much the clocks of servers may differ, in milliseconds. */
  readonly clockTolerance: number;
}

/** Where the library takes the time from. One clock decides about JWT and row alike. */
@Injectable()
export class RequestTokenClock {
  constructor(@Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: ClockSettings) {}

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
