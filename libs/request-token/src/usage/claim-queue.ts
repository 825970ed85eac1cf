import { Injectable } from '@nestjs/common';
import { isOutcomeUnknown } from '../database/database-errors.js';
import { TooManyWaiting } from '../database/grouping.js';
import { Lanes, type LOCKED } from '../database/lanes.js';
import { RequestTokenUnavailableException } from '../request-token.exception.js';
import { SettlementQueue } from './settlement-queue.js';
import { type ClaimAnswer, type ClaimRequest, UsageStore } from './usage.store.js';

/** More is not faster, and the last to come would wait for all before them. */
const LIMITS = { maxSize: 100, maxWaiting: 10_000 };

/** ClaimQueue uses in groups. */
@Injectable()
export class ClaimQueue {
  private readonly lanes: Lanes<ClaimRequest, ClaimAnswer>;

  constructor(
    store: UsageStore,
    private readonly settlements: SettlementQueue,
  ) {
    this.lanes = new Lanes((requests, lock) => store.claim(requests, lock), LIMITS);
  }

  /**
   * @returns LOCKED if the row changed while it was waited for
   * @throws RequestTokenUnavailableException if too many uses wait to be claimed, or to be settled
   */
  async add(request: ClaimRequest): Promise<ClaimAnswer | typeof LOCKED> {
    if (this.settlements.isFull) throw new RequestTokenUnavailableException();
    try {
      return await this.lanes.add(request);
    } catch (error) {
      if (error instanceof TooManyWaiting) throw new RequestTokenUnavailableException();
      if (isOutcomeUnknown(error)) this.withdraw(request);
      throw error;
    }
  }

  /** The use may be claimed, and nobody will make use of it. An unlogged one cannot be told from others. */
  private withdraw({ tokenId, log }: ClaimRequest): void {
    if (!log) return;
    const settlement = { outcome: 'released', statusCode: null, durationMs: 0 } as const;
    void this.settlements.add({ tokenId, logId: log.id, ...settlement });
  }
}
