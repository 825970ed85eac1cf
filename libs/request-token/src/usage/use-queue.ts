import { Injectable } from '@nestjs/common';
import type { Moment } from '../common/clock.js';
import { type RequestTokenErrorCode, RequestTokenUnavailableException } from '../common/exception.js';
import { isOutcomeUnknown } from '../database/database-errors.js';
import { TooLate } from '../database/deadline.js';
import { Grouping, TooManyWaiting } from '../database/grouping.js';
import { LockLanes } from '../database/lock-lanes.js';
import { StatementBounds } from '../database/statement-bounds.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import { rowProblem } from '../entities/token-state.js';
import { SettlementQueue } from './settlement-queue.js';
import { UsageStore } from './usage.store.js';
import { MOST_ATTEMPTS, type WantedUse } from './uses.js';

/**
 * Larger groups are not faster, and the last to come would wait for all before them. While one group waits
 * for its commit, another can be executed; with more than two the groups only become smaller.
 */
const LIMITS = { maxSize: 100, maxWaiting: 10_000, maxInFlight: 2, maxWithSlow: 4 };

/** Takes uses, and looks at tokens, in groups. */
@Injectable()
export class UseQueue {
  private readonly wanted: Grouping<WantedUse, RequestToken | undefined>;
  private readonly locked: LockLanes<WantedUse, RequestToken | undefined>;
  private readonly finds: Grouping<string, RequestToken | undefined>;

  constructor(
    store: UsageStore,
    private readonly settlements: SettlementQueue,
    private readonly bounds: StatementBounds,
  ) {
    this.wanted = new Grouping((uses, deadline) => store.takeUses(uses, 'skip', { deadline }), LIMITS);
    this.locked = new LockLanes((uses, deadline) => store.takeUses(uses, 'wait', { deadline }), LIMITS);
    this.finds = new Grouping((ids, deadline) => store.find(ids, { deadline }), LIMITS);
  }

  /**
   * @returns the token with the use taken, or why none can be
   * @throws RequestTokenUnavailableException if too much waits to be taken, or to be settled, or for too long
   */
  async take(use: WantedUse): Promise<RequestToken | RequestTokenErrorCode> {
    if (this.settlements.isFull) throw new RequestTokenUnavailableException();
    const { tokenId, moment } = use;
    const deadline = this.bounds.soon();
    let isTaking = true;
    try {
      const taken = await this.wanted.add(use, deadline);
      if (taken) return taken;
      isTaking = false;
      const problem = rowProblem(await this.finds.add(tokenId, deadline), moment);
      if (problem) return problem;
      // Somebody had locked the row, or has just given a use back, or changed the row.
      for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
        isTaking = true;
        const waited = await this.locked.add(use, deadline);
        if (waited) return waited;
        isTaking = false;
        const changed = rowProblem(await this.finds.add(tokenId, deadline), moment);
        if (changed) return changed;
      }
      throw new RequestTokenUnavailableException();
    } catch (error) {
      if (isTaking && isOutcomeUnknown(error)) this.withdraw(use);
      throw unavailableIfBusy(error);
    }
  }

  /**
   * @returns the token, if a use can be taken, or why none can be
   * @throws RequestTokenUnavailableException if too much waits, or for too long
   */
  async look(tokenId: string, moment: Moment): Promise<RequestToken | RequestTokenErrorCode> {
    try {
      const found = await this.finds.add(tokenId, this.bounds.soon());
      return rowProblem(found, moment) ?? (found as RequestToken);
    } catch (error) {
      throw unavailableIfBusy(error);
    }
  }

  /**
   * The use may be taken, or be so soon, and nobody will make use of it. An unlogged one cannot be told from
   * others.
   */
  private withdraw({ log }: WantedUse): void {
    if (log) this.settlements.withdraw(log);
  }
}

const unavailableIfBusy = (error: unknown): unknown =>
  error instanceof TooManyWaiting || error instanceof TooLate
    ? new RequestTokenUnavailableException()
    : error;
