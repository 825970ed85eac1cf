import { Grouping, type GroupingOptions, type RunGroup } from './grouping.js';

/** What to do about a row that another transaction has locked: leave it, or wait for it. */
export type Lock = 'skip' | 'wait';

/** Each may hold a connection of the app's pool for as long as somebody else holds a lock. */
const WAITING_LANES = 4;

/**
 * Groups what is about tokens, so that nobody waits for a lock on somebody else's token: what a group has
 * to leave because of a lock waits for it in another lane.
 */
export class Lanes<Item extends { tokenId: string }, Result> {
  private readonly first: Grouping<Item, Result>;
  private readonly waiting: Grouping<Item, Result>[];

  constructor(
    run: (items: Item[], lock: Lock) => ReturnType<RunGroup<Item, Result>>,
    options: GroupingOptions,
  ) {
    this.first = new Grouping((items) => run(items, 'skip'), options);
    this.waiting = Array.from(
      { length: WAITING_LANES },
      () => new Grouping((items) => run(items, 'wait'), { ...options, maxInFlight: 1 }),
    );
  }

  /** @throws as Grouping.add */
  try(item: Item): Promise<Result> {
    return this.first.add(item);
  }

  /** @throws as Grouping.add */
  wait(item: Item): Promise<Result> {
    // The end of a UUID v7 is random, and the same token is always in the same lane.
    const lane = Number.parseInt(item.tokenId.slice(-2), 16) % WAITING_LANES;
    return this.waiting[lane].add(item);
  }
}
