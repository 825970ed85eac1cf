import type { Deadline } from './deadline.js';
import { Grouping, type GroupingOptions, type RunGroup } from './grouping.js';

/** What to do about a row that another transaction has locked: leave it, or wait for it. */
export type Lock = 'skip' | 'wait';

/** Each may hold a connection of the app's pool for as long as somebody else holds a lock. */
const LANES = 4;

/**
 * Groups what has to wait for a lock on a token, apart from all the rest and in several lanes, so that hardly
 * anybody waits for a lock on somebody else's token.
 */
export class LockLanes<Item extends { tokenId: string }, Result> {
  private readonly lanes: Grouping<Item, Result>[];

  constructor(run: RunGroup<Item, Result>, options: GroupingOptions) {
    this.lanes = Array.from(
      { length: LANES },
      () => new Grouping(run, { ...options, maxInFlight: 1, maxWithSlow: 1 }),
    );
  }

  /** @throws as Grouping.add */
  add(item: Item, deadline: Deadline): Promise<Result> {
    // The end of a UUID v7 is random, and the same token is always in the same lane.
    const lane = Number.parseInt(item.tokenId.slice(-2), 16) % LANES;
    return this.lanes[lane].add(item, deadline);
  }
}
