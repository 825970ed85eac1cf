/** What is not done yet, for whoever wants to wait for what there is at the moment, and not for what comes later. */
export class Outstanding<Item extends object> {
  private readonly items = new Set<Item>();
  private watches: { left: Set<Item>; resolve: () => void }[] = [];

  get size(): number {
    return this.items.size;
  }

  add(item: Item): void {
    this.items.add(item);
  }

  done(item: Item): void {
    this.items.delete(item);
    if (this.watches.length === 0) return;
    this.watches = this.watches.filter(({ left, resolve }) => {
      left.delete(item);
      if (left.size === 0) resolve();
      return left.size > 0;
    });
  }

  /** Resolves when everything that is in it now is done. */
  settled(): Promise<void> {
    if (this.items.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.watches.push({ left: new Set(this.items), resolve }));
  }
}
