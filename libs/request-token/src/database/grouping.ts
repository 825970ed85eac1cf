import { setTimeout } from 'node:timers/promises';
import { isAboutContent } from './database-errors.js';

/** Carries out what was asked for together; its results are in the order of the items. */
export type RunGroup<Item, Result> = (items: Item[]) => Promise<Result[]>;

export interface GroupingOptions {
  /** Most items of one group. */
  maxSize: number;
  /** Most items that wait; whoever comes after them is sent away. */
  maxWaiting: number;
  /** Most groups under way, each on a connection of its own. Default: 1. */
  maxInFlight?: number;
  /** Least milliseconds between two groups, for what nobody waits for: fewer groups cost less. Default: 0. */
  pause?: number;
}

/**
 * A group has a price of its own, for this process and for the database: that of about ten more items. For so
 * many it is worth it to have two groups instead of one, so that both are busy.
 */
const WORTH_TWO_GROUPS = 16;

/** Too much waits already, and waiting takes memory. */
export class TooManyWaiting extends Error {}

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
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
  private inFlight = 0;
  /** How many the last group had. */
  private answered = 0;
  private isGathering = false;

  constructor(
    private readonly run: RunGroup<Item, Result>,
    private readonly options: GroupingOptions,
  ) {}

  /**
   * @throws TooManyWaiting
   * @throws whatever `run` throws, to each item of the group
   */
  add(item: Item): Promise<Result> {
    if (this.waiting.length >= this.options.maxWaiting) return Promise.reject(new TooManyWaiting());
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.sendNext();
    });
  }

  private sendNext(): void {
    const { maxInFlight = 1 } = this.options;
    const { length } = this.waiting;
    if (length === 0 || this.inFlight >= maxInFlight) return;
    if (this.inFlight > 0 && length < WORTH_TWO_GROUPS) return;
    if (this.answered > 1 && length + this.answered < WORTH_TWO_GROUPS) this.gather();
    else void this.send();
  }

  /** Until the event loop has been round: then those who were answered have come again, if they do at all. */
  private gather(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    // The first one comes before whatever has arrived by now is read.
    setImmediate(() =>
      setImmediate(() => {
        this.isGathering = false;
        if (this.inFlight === 0 && this.waiting.length > 0) void this.send();
      }),
    );
  }

  private async send(): Promise<void> {
    const group = this.waiting.splice(0, this.options.maxSize);
    this.inFlight++;
    try {
      const results = await this.run(group.map(({ item }) => item));
      group.forEach(({ resolve }, index) => resolve(results[index]));
    } catch (error) {
      if (group.length > 1 && isAboutContent(error)) await this.sendAlone(group);
      else group.forEach(({ reject }) => reject(error));
    }
    if (this.options.pause) await setTimeout(this.options.pause);
    this.inFlight--;
    this.answered = group.length;
    this.sendNext();
  }

  /** One of them spoilt it for the others. */
  private async sendAlone(group: Waiting<Item, Result>[]): Promise<void> {
    for (const { item, resolve, reject } of group)
      await this.run([item]).then(([result]) => resolve(result), reject);
  }
}
