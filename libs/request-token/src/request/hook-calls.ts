import type { Logger } from '@nestjs/common';
import { logThrown } from '../common/thrown.js';

/**
 * Calls a hook of the app behind answers. One that does not return is waited for only so long, and if too many
 * are under way it is not called: what never ends would take all the memory, and `settled()` never resolve.
 */
export class HookCalls {
  private underWay = 0;
  private isFull = false;

  constructor(
    private readonly name: string,
    private readonly logger: Logger,
    private readonly bounds = { most: 10_000, longestMs: 60_000 },
  ) {}

  /** Resolves when the hook has returned, or is not waited for any more. Never fails. */
  async call(hook: () => void | Promise<void>): Promise<void> {
    if (this.underWay >= this.bounds.most) return this.reportFull();
    this.underWay++;
    try {
      const result = hook();
      if (result) await this.inTime(result);
    } catch (error) {
      logThrown(this.logger, error);
    }
    this.underWay--;
    if (this.underWay === 0) this.isFull = false;
  }

  private inTime(result: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const { longestMs } = this.bounds;
      const late = setTimeout(() => {
        reject(
          new Error(`${this.name} has not returned within ${longestMs} ms, and is not waited for any more`),
        );
      }, longestMs);
      // A shutdown has a bound of its own.
      late.unref();
      void Promise.resolve(result)
        .then(resolve, reject)
        .then(() => clearTimeout(late));
    });
  }

  private reportFull(): void {
    if (this.isFull) return;
    this.isFull = true;
    logThrown(this.logger, `${this.name} is not called while ${this.underWay} calls of it have not returned`);
  }
}
