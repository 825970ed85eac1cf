import type { RequestTokenClock } from '../common/clock.js';
import { type Duration, toMilliseconds } from '../common/duration.js';

/**
 * The library's clock, which decides about JWT and row alike. It goes on ticking; only the library lives
 * in the other time, not timers, not the rest of the app.
 *
 * @publicApi
 */
export class TestClock {
  private offset = 0;

  constructor(clock: RequestTokenClock) {
    clock.now = () => this.now();
  }

  now(): Date {
    return new Date(Date.now() + this.offset);
  }

  /**
   * @example `kit.clock.advance('31d')`
   * @throws TypeError if it is no duration
   */
  advance(duration: Duration): void {
    const milliseconds = toMilliseconds(duration);
    if (Number.isNaN(new Date(this.now().getTime() + milliseconds).getTime())) {
      throw new TypeError("advance: give a duration such as '31d', or a number of seconds");
    }
    this.offset += milliseconds;
  }

  /** Back to the true time. */
  reset(): void {
    this.offset = 0;
  }
}
