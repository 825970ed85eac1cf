import { type Deadline, millisecondsUntil, TooLate } from './deadline.js';
import { type Asked, latestTurn, type RunGroup, runGroup } from './group.js';

export interface GroupingOptions {
  /** Most items of one group. */
  maxSize: number;
  /** Most items that wait; whoever comes after them is sent away. */
  maxWaiting: number;
  /** Most groups under way, each on a connection of its own. Default: 1. */
  maxInFlight?: number;
  /**
   * Most groups under way if some of them are slow, because their connection has gone silent, say, and so are no
   * reason to wait. Default: maxInFlight.
   */
  maxWithSlow?: number;
}

/**
 * A group has a price of its own, for this process and for the database: that of about ten more items. For so
 * many it is worth it to have two groups instead of one, so that both are busy.
 */
const WORTH_TWO_GROUPS = 16;

/** A group that takes longer is slow: many times what it should take. */
const SLOW_MS = 100;

/** Too much waits already, and waiting takes memory. */
export class TooManyWaiting extends Error {}

interface Waiting<Item, Result> extends Asked<Item, Result> {
  sendBy: Deadline;
}

/**
 * Makes one statement, and so one commit, of what is asked for at the same time, as databases do with
 * commits themselves: sends at once while nothing is under way, and gathers while something is.
 *
 * Whoever was answered may well ask again. If these are few, the first of them waits a moment for the others.
 * Many need not: were all of them in one group, this process would wait for the database, and then the
 * database for this process. So they come apart, and both are busy.
 */
export class Grouping<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  /** Groups under way that are not slow. */
  private inFlight = 0;
  private underWay = 0;
  /** How many the last group had. */
  private answered = 0;
  private isGathering = false;
  private watcher?: NodeJS.Timeout;
  private watchedUntil: Deadline = Infinity;

  constructor(
    private readonly run: RunGroup<Item, Result>,
    private readonly options: GroupingOptions,
  ) {}

  /**
   * @throws TooManyWaiting
   * @throws TooLate if its turn does not come in time: nothing was done
   * @throws whatever `run` throws, to each item of the group
   */
  add(item: Item, deadline: Deadline): Promise<Result> {
    if (this.waiting.length >= this.options.maxWaiting) return Promise.reject(new TooManyWaiting());
    return new Promise((resolve, reject) => {
      const sendBy = latestTurn(deadline);
      this.waiting.push({ item, deadline, sendBy, resolve, reject });
      this.sendNext();
      if (this.waiting.length > 0 && sendBy < this.watchedUntil) this.watchUntil(sendBy);
    });
  }

  private sendNext(): void {
    const { maxInFlight = 1 } = this.options;
    const { length } = this.waiting;
    if (length === 0 || this.inFlight >= maxInFlight || !this.hasRoom) return;
    if (this.inFlight > 0 && length < WORTH_TWO_GROUPS) return;
    if (this.answered > 1 && length + this.answered < WORTH_TWO_GROUPS) this.gather();
    else void this.send();
  }

  private get hasRoom(): boolean {
    const { maxInFlight = 1, maxWithSlow = maxInFlight } = this.options;
    return this.underWay < maxWithSlow;
  }

  /** Until the event loop has been round: then those who were answered have come again, if they do at all. */
  private gather(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    // The first one comes before whatever has arrived by now is read.
    setImmediate(() =>
      setImmediate(() => {
        this.isGathering = false;
        if (this.inFlight === 0 && this.hasRoom && this.waiting.length > 0) void this.send();
      }),
    );
  }

  private async send(): Promise<void> {
    const group = this.waiting.splice(0, this.options.maxSize);
    this.inFlight++;
    this.underWay++;
    let isSlow = false;
    const slow = setTimeout(() => {
      isSlow = true;
      this.inFlight--;
      this.sendNext();
    }, SLOW_MS);
    await runGroup(this.run, group);
    clearTimeout(slow);
    if (!isSlow) this.inFlight--;
    this.underWay--;
    this.answered = group.length;
    this.sendNext();
  }

  private watchUntil(deadline: Deadline): void {
    clearTimeout(this.watcher);
    this.watchedUntil = deadline;
    this.watcher = setTimeout(() => this.sendLateAway(), Math.max(1, millisecondsUntil(deadline))).unref();
  }

  /** Those whose turn has not come. */
  private sendLateAway(): void {
    this.watchedUntil = Infinity;
    const now = performance.now();
    const late = this.waiting.filter(({ sendBy }) => sendBy <= now);
    this.waiting = this.waiting.filter(({ sendBy }) => sendBy > now);
    const error = new TooLate();
    for (const { reject } of late) reject(error);
    const next = this.waiting.reduce((first, { sendBy }) => Math.min(first, sendBy), Infinity);
    if (next < Infinity) this.watchUntil(next);
  }
}
