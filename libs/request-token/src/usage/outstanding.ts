/** What is not done yet, for whoever wants to wait for what there is at the moment, and not for what comes later. */
export class Outstanding<Item extends object> {
  private readonly items = new Map<Item, Batch>();
  /** What has come since somebody began to wait. */
  private latest = new Batch();
  /** What is waited for, the oldest first: whoever waits for a batch waits for those before it, too. */
  private awaited: Batch[] = [];

  get size(): number {
    return this.items.size;
  }

  add(item: Item): void {
    this.items.set(item, this.latest);
    this.latest.left++;
  }

  done(item: Item): void {
    const batch = this.items.get(item);
    if (!batch) return;
    this.items.delete(item);
    batch.left--;
    while (this.awaited[0]?.left === 0) this.awaited.shift()?.resolve?.();
  }

  /** Resolves when everything that is in it now is done. */
  settled(): Promise<void> {
    if (this.items.size === 0) return Promise.resolve();
    if (this.latest.left > 0) {
      this.awaited.push(this.latest);
      this.latest = new Batch();
    }
    // There is one: what is not in the latest is in one that is awaited.
    return (this.awaited.at(-1) as Batch).whenDone();
  }
}

/** Items that came between two who wait. */
class Batch {
  left = 0;
  resolve?: () => void;
  private promise?: Promise<void>;

  /** One for all who wait. */
  whenDone(): Promise<void> {
    return (this.promise ??= new Promise((resolve) => (this.resolve = resolve)));
  }
}
