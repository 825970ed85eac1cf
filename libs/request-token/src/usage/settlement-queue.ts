import { setTimeout } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { isOutcomeUnknown } from '../database/database-errors.js';
import { Lanes, type Lock } from '../database/lanes.js';
import { Tally } from './tally.js';
import { type Claim, type Settlement, UsageStore } from './usage.store.js';

/** Each takes some hundred bytes until the database has it. */
const MAX_WAITING = 10_000;

/** Between two groups. Each group is a commit, and those of claims have to wait for it. */
const PAUSE_MS = 25;

/** Between two attempts. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

type ClaimSettlement = Claim & Settlement;

/** Settles claimed uses in groups, and does not give up while the app runs. */
@Injectable()
export class SettlementQueue {
  private readonly logger = new Logger(SettlementQueue.name);
  private readonly lanes: Lanes<ClaimSettlement, boolean>;
  private readonly unsettled = new Tally();
  private readonly closing = new AbortController();

  constructor(private readonly store: UsageStore) {
    this.lanes = new Lanes((settlements, lock) => this.run(settlements, lock), {
      maxSize: 1_000,
      maxWaiting: Infinity,
      pause: PAUSE_MS,
    });
  }

  /** Whether no more uses should be claimed until some are settled. */
  get isFull(): boolean {
    return this.unsettled.size >= MAX_WAITING;
  }

  /** Resolves when it is settled, or never will be. Never fails. */
  async add(settlement: ClaimSettlement): Promise<void> {
    this.unsettled.begin();
    for (let delay = FIRST_DELAY_MS; ; delay = Math.min(2 * delay, LONGEST_DELAY_MS)) {
      if (await this.attempt(settlement)) break;
      await setTimeout(delay, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
    this.unsettled.end();
  }

  /** Resolves when everything is settled. */
  settled(): Promise<void> {
    return this.unsettled.empty();
  }

  /** What is not settled yet is tried once more. */
  close(): void {
    this.closing.abort();
  }

  /** Whether that is the end of it. */
  private async attempt(settlement: ClaimSettlement): Promise<boolean> {
    const isLast = this.closing.signal.aborted;
    try {
      const isSettled = await this.lanes.try(settlement);
      if (!isSettled) await this.lanes.wait(settlement);
      return true;
    } catch (error) {
      // A use that is given back a second time could be used a second time.
      const isFinal = isLast || (!settlement.logId && isOutcomeUnknown(error));
      if (isFinal) this.logger.error(`A use of token ${settlement.tokenId} stays claimed.`);
      return isFinal;
    }
  }

  private async run(settlements: ClaimSettlement[], lock: Lock) {
    try {
      return await this.store.settle(settlements, lock);
    } catch (error) {
      this.logger.error(`${settlements.length} uses could not be settled: ${String(error)}`);
      throw error;
    }
  }
}
