import { Injectable, Logger } from '@nestjs/common';
import { isOutcomeUnknown } from '../database/database-errors.js';
import { ReliableQueue } from './reliable-queue.js';
import { type LostUse, type Settlement, type TakenUse, UsageStore } from './usage.store.js';

/** Each takes some hundred bytes until the database has it. */
const MAX_WAITING = 10_000;

/** Settles uses behind the back of the requests, and withdraws those whose answer was lost. */
@Injectable()
export class SettlementQueue {
  private readonly logger = new Logger(SettlementQueue.name);
  private readonly settlements: ReliableQueue<TakenUse & Settlement>;
  private readonly withdrawals: ReliableQueue<LostUse>;

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
    this.withdrawals = new ReliableQueue<LostUse>(
      {
        run: (uses, lock, deadline) => store.withdraw(uses, lock, deadline),
        isRepeatable: () => true,
        failed: (count) => `${count} uses could not be withdrawn`,
        givenUp,
      },
      this.logger,
    );
  }

  /** Whether no more uses should be taken until some are settled. */
  get isFull(): boolean {
    return this.settlements.size + this.withdrawals.size >= MAX_WAITING;
  }

  add(settlement: TakenUse & Settlement): void {
    this.settlements.add(settlement);
  }

  withdraw(use: LostUse): void {
    this.withdrawals.add(use);
  }

  /** Resolves when everything that was added so far is settled, or never will be. */
  async settled(): Promise<void> {
    await Promise.all([this.settlements.settled(), this.withdrawals.settled()]);
  }

  /** What is not settled yet is tried once more. */
  close(): void {
    this.settlements.close();
    this.withdrawals.close();
  }
}
