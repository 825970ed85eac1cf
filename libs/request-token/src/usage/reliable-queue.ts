import { setTimeout } from 'node:timers/promises';
import { type Logger } from '@nestjs/common';
import { summarizeThrown } from '../common/thrown.js';
import { isAboutContent } from '../database/database-errors.js';
import { type Deadline, deadlineIn } from '../database/deadline.js';
import { type Lock, LockLanes } from '../database/lock-lanes.js';
import { Outstanding } from './outstanding.js';

/** Most items of one statement. */
const MAX_SIZE = 1_000;

/** Between two groups. Each group is a commit, and those that take uses have to wait for it. */
const PAUSE_MS = 25;

/** A group that takes longer is not waited for: its connection may have gone silent. */
const SLOW_MS = 100;

/** Most groups under way, if they are slow. */
const MAX_UNDER_WAY = 3;

/** For one statement, and one that is tried again, in case that the database is slow rather than silent. */
const STATEMENT_MS = 5_000;
const RETRIED_STATEMENT_MS = 8_000;

/** Between two attempts. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

export interface ReliableQueueSteps<Item> {
  /** Does what is asked for together; says of each whether it is done, which it may not be if its token is locked. */
  run: (items: Item[], lock: Lock, deadline: Deadline) => Promise<boolean[]>;
  /** Whether an item whose statement has failed may be done again. */
  isRepeatable: (item: Item, error: unknown) => boolean;
  /** For the app's log. */
  failed: (count: number) => string;
  givenUp: (item: Item) => string;
}

/**
 * Does what has to be done in the database some time soon, in groups, and does not give up while the app runs.
 * Nobody waits for single items, so there are no promises of them: they would take longer than all the rest.
 */
export class ReliableQueue<Item extends { tokenId: string }> {
  private waiting: Item[] = [];
  private failed: Item[] = [];
  private isSending = false;
  private isRetrying = false;
  private readonly underWay = new Set<Promise<void>>();
  private readonly locked: LockLanes<Item, boolean>;
  private readonly undone = new Outstanding<Item>();
  private readonly closing = new AbortController();

  constructor(
    private readonly steps: ReliableQueueSteps<Item>,
    private readonly logger: Logger,
  ) {
    this.locked = new LockLanes((items, deadline) => steps.run(items, 'wait', deadline), {
      maxSize: MAX_SIZE,
      maxWaiting: Infinity,
    });
  }

  /** How many items are not done. */
  get size(): number {
    return this.undone.size;
  }

  add(item: Item): void {
    this.undone.add(item);
    this.waiting.push(item);
    if (!this.isSending) void this.sendWaiting();
  }

  /** Resolves when everything that was added so far is done, or never will be. */
  settled(): Promise<void> {
    return this.undone.settled();
  }

  /** What is not done yet is tried once more. */
  close(): void {
    this.closing.abort();
  }

  private async sendWaiting(): Promise<void> {
    this.isSending = true;
    while (this.waiting.length > 0) {
      await this.sendOrLeave(this.waiting.splice(0, MAX_SIZE));
      await setTimeout(PAUSE_MS);
    }
    this.isSending = false;
  }

  /** Resolves when a group is done, or takes too long to wait for it while there are not too many of the kind. */
  private async sendOrLeave(group: Item[]): Promise<void> {
    const sent = this.send(group).then((failed) => {
      this.underWay.delete(sent);
      this.retryLater(failed);
    });
    this.underWay.add(sent);
    const slow = new AbortController();
    const isSlow = setTimeout(SLOW_MS, undefined, { signal: slow.signal }).catch(() => undefined);
    await Promise.race([sent, isSlow]);
    slow.abort();
    if (this.underWay.size >= MAX_UNDER_WAY) await Promise.race(this.underWay);
  }

  private retryLater(items: Item[]): void {
    if (items.length === 0) return;
    this.failed = this.failed.concat(items);
    if (!this.isRetrying) void this.retry();
  }

  /** One group at a time, so that not every connection is busy with what fails. */
  private async retry(): Promise<void> {
    this.isRetrying = true;
    for (let delay = FIRST_DELAY_MS; this.failed.length > 0;) {
      await setTimeout(delay, undefined, { signal: this.closing.signal }).catch(() => undefined);
      const group = this.failed.splice(0, MAX_SIZE);
      const failed = await this.send(group, RETRIED_STATEMENT_MS);
      const isBetter = failed.length < group.length;
      delay = isBetter ? FIRST_DELAY_MS : Math.min(2 * delay, LONGEST_DELAY_MS);
      this.failed = this.failed.concat(failed);
    }
    this.isRetrying = false;
  }

  /** @returns what has to be done again; never fails */
  private async send(group: Item[], milliseconds = STATEMENT_MS): Promise<Item[]> {
    const isLast = this.closing.signal.aborted;
    try {
      const areDone = await this.steps.run(group, 'skip', deadlineIn(milliseconds));
      group.forEach((item, index) => {
        if (areDone[index]) this.undone.done(item);
        else void this.sendLocked(item);
      });
      return [];
    } catch (error) {
      if (group.length > 1 && isAboutContent(error)) return this.sendAlone(group);
      return this.afterFailure(group, error, isLast);
    }
  }

  /** One of them spoilt it for the others. */
  private async sendAlone(group: Item[]): Promise<Item[]> {
    const failed: Item[] = [];
    for (const item of group) failed.push(...(await this.send([item])));
    return failed;
  }

  private async sendLocked(item: Item): Promise<void> {
    const isLast = this.closing.signal.aborted;
    try {
      await this.locked.add(item, deadlineIn(STATEMENT_MS));
      this.undone.done(item);
    } catch (error) {
      this.retryLater(this.afterFailure([item], error, isLast));
    }
  }

  /** @returns what has to be done again */
  private afterFailure(group: Item[], error: unknown, isLast: boolean): Item[] {
    this.logger.error(`${this.steps.failed(group.length)}: ${summarizeThrown(error)}`);
    return group.filter((item) => {
      if (!isLast && this.steps.isRepeatable(item, error)) return true;
      this.logger.error(this.steps.givenUp(item));
      this.undone.done(item);
      return false;
    });
  }
}
