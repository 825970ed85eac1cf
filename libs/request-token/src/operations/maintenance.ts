import { Injectable } from '@nestjs/common';
import { RequestTokenClock } from '../common/clock.js';
import { type Duration, toMilliseconds } from '../common/duration.js';
import { unhurried } from '../common/unhurried.js';
import { FIRST_ID, leastIdAt } from '../common/uuid.js';
import { PreparedQueries } from '../database/prepared-queries.js';
import type { StatementCall } from '../database/statement.js';
import { StatementBounds } from '../database/statement-bounds.js';
import { KnownEntities } from '../entities/known-entities.js';
import { RequestToken } from '../entities/request-token.entity.js';
import { RequestTokenLog } from '../entities/request-token-log.entity.js';
import { RequestTokenRevocation } from '../entities/request-token-revocation.entity.js';
import { PendingReleaser } from '../usage/pending-releaser.js';
import { checkMaintainOptions, type MaintainOptions, type MaintainResult } from './maintain-options.js';
import { Partitions } from './partitions.js';
import { type Cleared, type ClearTables, clearLogs, clearRevocations, clearTokens } from './sql/clear.js';
import { SumStore } from './sum-store.js';
import { Summary } from './summary.js';
import { Telemetry } from './telemetry.js';

const DEFAULT_BATCH_SIZE = 1_000;
const MOST_AT_A_TIME = 10_000;

/** Clears away what is old, a few rows at a time. */
@Injectable()
export class Maintenance {
  constructor(
    private readonly entities: KnownEntities,
    private readonly queries: PreparedQueries,
    private readonly bounds: StatementBounds,
    private readonly pending: PendingReleaser,
    private readonly summary: Summary,
    private readonly sums: SumStore,
    private readonly partitions: Partitions,
    private readonly telemetry: Telemetry,
    private readonly clock: RequestTokenClock,
  ) {}

  /** @throws TypeError if the options make no sense */
  async maintain(options: MaintainOptions): Promise<MaintainResult> {
    checkMaintainOptions(options);
    const { batchSize = DEFAULT_BATCH_SIZE } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > MOST_AT_A_TIME) {
      throw new TypeError('maintain: batchSize must be a whole number from 1 to 10,000');
    }
    const logsBefore = this.momentBefore('keepLogs', options.keepLogs);
    const tokensBefore = this.momentBefore('keepTokens', options.keepTokens);
    const pendingBefore = this.momentBefore('releasePending', options.releasePending);

    await this.partitions.makeAhead();
    const released = pendingBefore ? await this.pending.release(pendingBefore) : 0;
    this.telemetry.released(released);
    // Figures outlive what they are made of.
    await this.summary.sumUpAll();
    const done: MaintainResult = { logs: 0, tokens: 0, revocations: 0, released, partitions: 0 };
    if (logsBefore) {
      await this.sums.endPending(logsBefore);
      const { count, behind } = await this.partitions.dropBefore(logsBefore);
      done.partitions = count;
      done.logs = await this.clearLogs(logsBefore, batchSize, behind);
    }
    if (tokensBefore) {
      done.tokens = await this.clearTokens(tokensBefore, batchSize);
      done.revocations = await this.clearRevocations(batchSize);
    }
    return done;
  }

  /**
   * Ids tell the time, so that only what is old is read; and the batch behind it, where somebody has changed times.
   *
   * @param after the id behind which it begins: a partition that could not be dropped is not emptied row by row
   */
  private clearLogs(before: Date, batchSize: number, after?: string): Promise<number> {
    const call = clearLogs(this.tables);
    const bound = leastIdAt(before);
    return this.inBatches((last) => call(last, batchSize, before), {
      after,
      isLast: ({ last, deleted }) => last >= bound && deleted === 0,
    });
  }

  /** All tokens are read: an old one may end today. */
  private clearTokens(endedBefore: Date, batchSize: number): Promise<number> {
    const call = clearTokens(this.tables);
    const { earliest } = this.clock.moment();
    return this.inBatches((last) => call(last, batchSize, endedBefore, earliest));
  }

  private clearRevocations(batchSize: number): Promise<number> {
    const call = clearRevocations(this.tables);
    const { earliest } = this.clock.moment();
    return this.inBatches((last) => call(last, batchSize, earliest));
  }

  /**
   * @param after the id behind which the first begins. Default: before all.
   * @param isLast whether there is nothing to be deleted behind a batch. Default: behind none.
   * @returns how many rows were deleted
   */
  private async inBatches(
    call: (last: string) => StatementCall<Cleared>,
    {
      after = FIRST_ID,
      isLast = () => false,
    }: { after?: string; isLast?: (batch: { last: string; deleted: number }) => boolean } = {},
  ): Promise<number> {
    let total = 0;
    for (;;) {
      const [batch] = await unhurried(() => this.queries.run(call(after), { deadline: this.bounds.bulk() }));
      const deleted = Number(batch.deleted);
      total += deleted;
      if (batch.last === null || isLast({ last: batch.last, deleted })) return total;
      after = batch.last;
    }
  }

  private momentBefore(name: keyof MaintainOptions, duration: Duration | undefined): Date | undefined {
    if (duration === undefined) return undefined;
    const milliseconds = toMilliseconds(duration);
    if (!(milliseconds >= 0 && milliseconds < Infinity)) {
      throw new TypeError(`maintain: ${name} must be a duration such as '90d', or a number of seconds`);
    }
    return new Date(Math.max(0, this.clock.now().getTime() - milliseconds));
  }

  /** At first use: the DataSource may be initialized by hand, after the modules. */
  private get tables(): ClearTables {
    return {
      token: this.entities.rowsOf(RequestToken),
      log: this.entities.rowsOf(RequestTokenLog),
      revocation: this.entities.rowsOf(RequestTokenRevocation),
    };
  }
}
