import { setTimeout } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { isAboutContent, isOutcomeUnknown } from '../database/database-errors.js';
import { LockLanes } from '../database/lock-lanes.js';
import { Tally } from './tally.js';
import { type Claim, type Settlement, UsageStore } from './usage.store.js';

/** Each takes some hundred bytes until the database has it. */
const MAX_WAITING = 10_000;

/** Most uses that one statement settles. */
const MAX_SIZE = 1_000;

/** Between two groups. Each group is a commit, and those of claims have to wait for it. */
const PAUSE_MS = 25;

/** Between two attempts. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

type ClaimSettlement = Claim & Settlement;

/**
 * Settles claimed uses in groups, and does not give up while the app runs. Nobody waits for a use to be
 * settled, so there are no promises of single ones: they would take longer than all the rest.
 */
@Injectable()
export class SettlementQueue {
  private readonly logger = new Logger(SettlementQueue.name);
  private waiting: ClaimSettlement[] = [];
  private isRunning = false;
  private readonly locked: LockLanes<ClaimSettlement, boolean>;
  private readonly unsettled = new Tally();
  private readonly closing = new AbortController();

  constructor(private readonly store: UsageStore) {
    this.locked = new LockLanes((settlements) => store.settle(settlements, 'wait'), {
      maxSize: MAX_SIZE,
      maxWaiting: Infinity,
    });
  }

  /** Whether no more uses should be claimed until some are settled. */
  get isFull(): boolean {
    return this.unsettled.size >= MAX_WAITING;
  }

  add(settlement: ClaimSettlement): void {
    this.unsettled.begin();
    this.waiting.push(settlement);
    if (!this.isRunning) void this.settleWaiting();
  }

  /** Resolves when everything is settled, or never will be. */
  settled(): Promise<void> {
    return this.unsettled.empty();
  }

  /** What is not settled yet is tried once more. */
  close(): void {
    this.closing.abort();
  }

  private async settleWaiting(): Promise<void> {
    this.isRunning = true;
    while (this.waiting.length > 0) {
      const left = await this.settle(this.waiting.splice(0, MAX_SIZE));
      if (left.length > 0) void this.retry(left);
      await setTimeout(PAUSE_MS);
    }
    this.isRunning = false;
  }

  private async retry(group: ClaimSettlement[]): Promise<void> {
    let left = group;
    for (let delay = FIRST_DELAY_MS; left.length > 0; delay = Math.min(2 * delay, LONGEST_DELAY_MS)) {
      await setTimeout(delay, undefined, { signal: this.closing.signal }).catch(() => undefined);
      left = await this.settle(left);
    }
  }

  /** @returns what has to be tried again */
  private async settle(group: ClaimSettlement[]): Promise<ClaimSettlement[]> {
    const isLast = this.closing.signal.aborted;
    try {
      const areSettled = await this.store.settle(group, 'skip');
      group.forEach((settlement, index) => {
        if (areSettled[index]) this.unsettled.end();
        else void this.settleLocked(settlement);
      });
      return [];
    } catch (error) {
      if (group.length > 1 && isAboutContent(error)) return this.settleAlone(group);
      return this.afterFailure(group, error, isLast);
    }
  }

  /** One of them spoilt it for the others. */
  private async settleAlone(group: ClaimSettlement[]): Promise<ClaimSettlement[]> {
    const left: ClaimSettlement[] = [];
    for (const settlement of group) left.push(...(await this.settle([settlement])));
    return left;
  }

  private async settleLocked(settlement: ClaimSettlement): Promise<void> {
    const isLast = this.closing.signal.aborted;
    try {
      await this.locked.add(settlement);
      this.unsettled.end();
    } catch (error) {
      await this.retry(this.afterFailure([settlement], error, isLast));
    }
  }

  /** @returns what has to be tried again */
  private afterFailure(group: ClaimSettlement[], error: unknown, isLast: boolean): ClaimSettlement[] {
    this.logger.error(`${group.length} uses could not be settled: ${String(error)}`);
    return group.filter(({ tokenId, logId }) => {
      // A use that is given back a second time could be used a second time.
      const isFinal = isLast || (!logId && isOutcomeUnknown(error));
      if (isFinal) this.logger.error(`A use of token ${tokenId} stays claimed.`);
      if (isFinal) this.unsettled.end();
      return !isFinal;
    });
  }
}
