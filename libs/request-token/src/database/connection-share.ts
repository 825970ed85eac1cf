import { type Deadline, millisecondsUntil, TooLate } from './deadline.js';

/** Who waits takes memory. As many as requests may wait. */
const MOST_WAITING = 2_000;

/** Part of its time that a statement may wait for its turn; the rest is for the statement. */
const WAITING_SHARE = 0.75;

/** Limits how many connections are taken at the same time. First come, first served. */
export class ConnectionShare {
  private taken = 0;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly size: number) {}

  /**
   * Every one that is taken has to be given back. No promise where one is free.
   *
   * @throws TooLate if its turn does not come in time, or could not, because too many wait: none was taken
   */
  take(deadline: Deadline): Promise<void> | undefined {
    if (this.taken < this.size) {
      this.taken++;
      return undefined;
    }
    if (this.waiting.size >= MOST_WAITING) return Promise.reject(new TooLate());
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => {
          this.waiting.delete(proceed);
          reject(new TooLate());
        },
        Math.max(0, millisecondsUntil(deadline) * WAITING_SHARE),
      );
      const proceed = () => {
        clearTimeout(late);
        resolve();
      };
      this.waiting.add(proceed);
    });
  }

  giveBack(): void {
    const [next] = this.waiting;
    if (!next) {
      this.taken--;
      return;
    }
    this.waiting.delete(next);
    next();
  }
}
