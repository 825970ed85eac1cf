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

/** A group has a price of its own; beside another one, it is worth that for so many items. */
const WORTH_A_GROUP = 16;

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
 * It does not wait until the event loop has come round, to gather more: were all that is asked for in one
 * group, this process would wait for the database, and then the database for this process, because whoever
 * gets an answer asks again with all the others. So the groups come apart, and both are busy.
 */
export class Grouping<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private inFlight = 0;

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
    const { maxSize, maxInFlight = 1 } = this.options;
    const isWorthIt = this.waiting.length >= (this.inFlight === 0 ? 1 : WORTH_A_GROUP);
    if (isWorthIt && this.inFlight < maxInFlight) void this.send(this.waiting.splice(0, maxSize));
  }

  private async send(group: Waiting<Item, Result>[]): Promise<void> {
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
    this.sendNext();
  }

  /** One of them spoilt it for the others. */
  private async sendAlone(group: Waiting<Item, Result>[]): Promise<void> {
    for (const { item, resolve, reject } of group)
      await this.run([item]).then(([result]) => resolve(result), reject);
  }
}
