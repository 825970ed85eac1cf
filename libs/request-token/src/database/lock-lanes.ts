import { type Deadline, millisecondsUntil, TooLate } from './deadline.js';
import { type Asked, latestTurn, type RunGroup, runGroup } from './group.js';
import { TooManyWaiting } from './grouping.js';

/** What to do about a row that another transaction has locked: leave it, or wait for it. */
export type Lock = 'skip' | 'wait';

/** Most statements under way. Each may hold a connection of the app's pool for as long as somebody else holds a lock. */
const LANES = 4;

export interface LockLanesOptions {
  /** Most items of one statement. */
  maxSize: number;
  /** Most items that wait; whoever comes after them is sent away. */
  maxWaiting: number;
}

interface Waiting<Item, Result> extends Asked<Item, Result> {
  /** Sends it away when its turn has not come in time. */
  late: NodeJS.Timeout;
}

/**
 * Groups what has to wait for a lock on a token, apart from all the rest. A statement is about one token: about
 * two, it would keep one locked, for everybody, as long as somebody else has locked the other. And a token has one
 * statement at a time, so that those of a token that is locked for long do not take the places of others.
 */
export class LockLanes<Item extends { tokenId: string }, Result> {
  /** By token, in the order of their turns. */
  private readonly waiting = new Map<string, Set<Waiting<Item, Result>>>();
  private size = 0;
  /** The tokens of the statements under way. */
  private readonly underWay = new Set<string>();

  constructor(
    private readonly run: RunGroup<Item, Result>,
    private readonly options: LockLanesOptions,
  ) {}

  /** @throws as Grouping.add */
  add(item: Item, deadline: Deadline): Promise<Result> {
    if (this.size >= this.options.maxWaiting) return Promise.reject(new TooManyWaiting());
    return new Promise((resolve, reject) => {
      const sendLateAway = () => {
        this.remove(waiting);
        reject(new TooLate());
      };
      const milliseconds = millisecondsUntil(latestTurn(deadline));
      const late = setTimeout(sendLateAway, Math.max(1, milliseconds)).unref();
      const waiting = { item, deadline, resolve, reject, late };
      this.size++;
      const same = this.waiting.get(item.tokenId);
      if (same) same.add(waiting);
      else this.waiting.set(item.tokenId, new Set([waiting]));
      this.sendNext();
    });
  }

  private sendNext(): void {
    for (const [tokenId, waiting] of this.waiting) {
      if (this.underWay.size >= LANES) return;
      if (!this.underWay.has(tokenId)) void this.send(tokenId, waiting);
    }
  }

  private async send(tokenId: string, waiting: Set<Waiting<Item, Result>>): Promise<void> {
    const group: Waiting<Item, Result>[] = [];
    for (const each of waiting) {
      if (group.length === this.options.maxSize) break;
      clearTimeout(each.late);
      this.remove(each);
      group.push(each);
    }
    if (waiting.size > 0) {
      // Behind the others.
      this.waiting.delete(tokenId);
      this.waiting.set(tokenId, waiting);
    }
    this.underWay.add(tokenId);
    await runGroup(this.run, group);
    this.underWay.delete(tokenId);
    this.sendNext();
  }

  private remove(asked: Waiting<Item, Result>): void {
    const { tokenId } = asked.item;
    const same = this.waiting.get(tokenId);
    same?.delete(asked);
    if (same?.size === 0) this.waiting.delete(tokenId);
    this.size--;
  }
}
