import { Grouping, type GroupingOptions } from './grouping.js';

/** What to do about a row that another transaction has locked: leave it, or wait for it. */
export type Lock = 'skip' | 'wait';

/** The row was locked, and left. */
export const LOCKED = Symbol('locked');

/** Each may hold a connection of the app's pool for as long as somebody else holds a lock. */
const WAITING_LANES = 4;

interface AboutToken {
  tokenId: string;
}

/**
 * Groups what is about tokens, so that nobody waits for a lock on somebody else's token. The first lane
 * leaves out locked rows; what was about them goes on to a lane where one waits.
 */
export class Lanes<Item extends AboutToken, Result> {
  private readonly first: Grouping<Item, Result | typeof LOCKED>;
  private readonly waiting: Grouping<Item, Result | typeof LOCKED>[];

  constructor(
    run: (items: Item[], lock: Lock) => Promise<(Result | typeof LOCKED)[]>,
    options: GroupingOptions,
  ) {
    this.first = new Grouping((items) => run(items, 'skip'), options);
    this.waiting = Array.from(
      { length: WAITING_LANES },
      () => new Grouping((items) => run(items, 'wait'), options),
    );
  }

  /** @throws as Grouping.add */
  async add(item: Item): Promise<Result | typeof LOCKED> {
    const result = await this.first.add(item);
    return result === LOCKED ? this.laneOf(item.tokenId).add(item) : result;
  }

  /** The same for the same token. The end of a UUID v7 is random. */
  private laneOf(tokenId: string): Grouping<Item, Result | typeof LOCKED> {
    return this.waiting[Number.parseInt(tokenId.slice(-2), 16) % WAITING_LANES];
  }
}
