import { Injectable, Logger } from '@nestjs/common';
import { LOG_CONTEXT } from '../common/constants.js';
import { isOutcomeUnknown } from '../database/database-errors.js';
import type { LogEntry } from './log-entry.js';
import { ReliableQueue } from './reliable-queue.js';
import { UsageStore } from './usage.store.js';
import type { LostDeferredUse, Settlement, TakenUse, WantedUse } from './uses.js';

/** Each takes some hundred bytes until the database has it. */
const MAX_WAITING = 10_000;

/** Settles uses behind the back of the requests, and withdraws those whose answer was lost. */
@Injectable()
export class SettlementQueue {
  private readonly logger = new Logger(LOG_CONTEXT);
  private readonly settlements: ReliableQueue<TakenUse & Settlement>;
  private readonly withdrawals: ReliableQueue<LogEntry>;
  private readonly deferredWithdrawals: ReliableQueue<LostDeferredUse>;

  constructor(store: UsageStore) {
    const givenUp = ({ tokenId }: TakenUse) => `A use of token ${tokenId} stays taken.`;
    this.settlements = new ReliableQueue<TakenUse & Settlement>(
      {
        run: (settlements, lock, deadline) => store.settle(settlements, lock, deadline),
        // A use that is given back a second time could be used a second time.
        isRepeatable: ({ logId }, error) => logId !== undefined || !isOutcomeUnknown(error),
        failed: (count) => `${count} uses could not be settled`,
        givenUp,
      },
      this.logger,
    );
    const withdrawal = {
      isRepeatable: () => true,
      failed: (count: number) => `${count} uses could not be withdrawn`,
      givenUp,
    };
    this.withdrawals = new ReliableQueue<LogEntry>(
      { ...withdrawal, run: (lost, lock, deadline) => store.withdraw(lost, lock, deadline) },
      this.logger,
    );
    this.deferredWithdrawals = new ReliableQueue<LostDeferredUse>(
      { ...withdrawal, run: (lost, lock, deadline) => store.withdrawDeferred(lost, lock, deadline) },
      this.logger,
    );
  }

  /** Whether no more uses should be taken until some are settled. */
  get isFull(): boolean {
    return this.size >= MAX_WAITING;
  }

  get size(): number {
    return this.settlements.size + this.withdrawals.size + this.deferredWithdrawals.size;
  }

  add(settlement: TakenUse & Settlement): void {
    this.settlements.add(settlement);
  }

  /** Of a use of which nobody knows whether it was taken, or will be. An unlogged one cannot be told from others. */
  withdraw({ tokenId, log, deferred }: WantedUse): void {
    if (!log) return;
    if (deferred) this.deferredWithdrawals.add({ tokenId, log, deferred });
    else this.withdrawals.add(log);
  }

  /** Resolves when everything that was added so far is settled, or never will be. */
  async settled(): Promise<void> {
    await Promise.all([
      this.settlements.settled(),
      this.withdrawals.settled(),
      this.deferredWithdrawals.settled(),
    ]);
  }

  /** What is not settled yet is tried once more. */
  close(): void {
    this.settlements.close();
    this.withdrawals.close();
    this.deferredWithdrawals.close();
  }
}
