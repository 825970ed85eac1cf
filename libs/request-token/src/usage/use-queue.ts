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
import { MOST_ATTEMPTS, type WantedDeferredUse, type WantedUse } from './uses.js';

/**
 * Larger groups are not faster, and the last to come would wait for all before them. While one group waits
 * for its commit, another can be executed; with more than two the groups only become smaller.
 */
const LIMITS = { maxSize: 100, maxWaiting: 10_000, maxInFlight: 2, maxWithSlow: 4 };

/** A statement takes one use of a deferred token. */
const ONE_BY_ONE = { ...LIMITS, maxSize: 1 };

/** What is asked for together, of one kind of token. */
interface Groups<Use extends WantedUse, Sought> {
  wanted: Grouping<Use, RequestToken | undefined>;
  locked: LockLanes<Use, RequestToken | undefined>;
  finds: Grouping<Sought, RequestToken | undefined>;
}

/** Takes uses, and looks at tokens, in groups. */
@Injectable()
export class UseQueue {
  private readonly stored: Groups<WantedUse, string>;
  /** By statements of their own, so that other tokens pay nothing for what these have to ask. */
  private readonly deferred: Groups<WantedDeferredUse, RequestToken>;

  constructor(
    store: UsageStore,
    private readonly settlements: SettlementQueue,
    private readonly bounds: StatementBounds,
  ) {
    this.stored = {
      wanted: new Grouping((uses, deadline) => store.takeUses(uses, 'skip', { deadline }), LIMITS),
      locked: new LockLanes((uses, deadline) => store.takeUses(uses, 'wait', { deadline }), LIMITS),
      finds: new Grouping((ids, deadline) => store.find(ids, { deadline }), LIMITS),
    };
    this.deferred = {
      wanted: new Grouping((uses, deadline) => store.takeDeferredUses(uses, 'skip', { deadline }), LIMITS),
      locked: new LockLanes(
        (uses, deadline) => store.takeDeferredUses(uses, 'wait', { deadline }),
        ONE_BY_ONE,
      ),
      finds: new Grouping<RequestToken, RequestToken | undefined>(async (tokens, deadline) => {
        const found = await store.findDeferred(tokens, { deadline });
        return found.map(({ state }) => state);
      }, LIMITS),
    };
  }

  /**
   * @returns the token with the use taken, or why none can be
   * @throws RequestTokenUnavailableException if too much waits to be taken, or to be settled, or for too long
   */
  take(use: WantedUse): Promise<RequestToken | RequestTokenErrorCode> {
    return isOfDeferred(use)
      ? this.takeFrom(this.deferred, use, use.deferred)
      : this.takeFrom(this.stored, use, use.tokenId);
  }

  /**
   * @param deferred the token as it is before its first use, if it is one of these
   * @returns the token, if a use can be taken, or why none can be
   * @throws RequestTokenUnavailableException if too much waits, or for too long
   */
  async look(
    tokenId: string,
    deferred: RequestToken | undefined,
    moment: Moment,
  ): Promise<RequestToken | RequestTokenErrorCode> {
    const deadline = this.bounds.soon();
    try {
      const found = deferred
        ? await this.deferred.finds.add(deferred, deadline)
        : await this.stored.finds.add(tokenId, deadline);
      return rowProblem(found, moment) ?? (found as RequestToken);
    } catch (error) {
      throw unavailableIfBusy(error);
    }
  }

  private async takeFrom<Use extends WantedUse, Sought>(
    { wanted, locked, finds }: Groups<Use, Sought>,
    use: Use,
    sought: Sought,
  ): Promise<RequestToken | RequestTokenErrorCode> {
    if (this.settlements.isFull) throw new RequestTokenUnavailableException();
    const { moment } = use;
    const deadline = this.bounds.soon();
    let isTaking = true;
    try {
      const taken = await wanted.add(use, deadline);
      if (taken) return taken;
      isTaking = false;
      const problem = rowProblem(await finds.add(sought, deadline), moment);
      if (problem) return problem;
      // Somebody had locked the row, or has just given a use back, or changed the row.
      for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
        isTaking = true;
        const waited = await locked.add(use, deadline);
        if (waited) return waited;
        isTaking = false;
        const changed = rowProblem(await finds.add(sought, deadline), moment);
        if (changed) return changed;
      }
      throw new RequestTokenUnavailableException();
    } catch (error) {
      // The use may be taken, or be so soon, and nobody will make use of it.
      if (isTaking && isOutcomeUnknown(error)) this.settlements.withdraw(use);
      throw unavailableIfBusy(error);
    }
  }
}

const isOfDeferred = (use: WantedUse): use is WantedDeferredUse => use.deferred !== undefined;

const unavailableIfBusy = (error: unknown): unknown =>
  error instanceof TooManyWaiting || error instanceof TooLate
    ? new RequestTokenUnavailableException()
    : error;
