/** Counts what is under way; cheaper than to keep the promises of it. */
export class Tally {
  private count = 0;
  private waiting: (() => void)[] = [];

  get size(): number {
    return this.count;
  }

  begin(): void {
    this.count++;
  }

  end(): void {
    this.count--;
    if (this.count > 0) return;
    for (const resolve of this.waiting) resolve();
    this.waiting = [];
  }

  /** Resolves when nothing is under way. */
  empty(): Promise<void> {
    if (this.count === 0) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
