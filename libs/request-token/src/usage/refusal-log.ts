import { Injectable, Logger } from '@nestjs/common';
import { Grouping } from '../database/grouping.js';
import { type Refusal, UsageStore } from './usage.store.js';

const LIMITS = { maxSize: 1_000, maxWaiting: 1_000, pause: 25 };

/** Logs refusals in groups. Under a flood of bad links some are left out: uses come first. */
@Injectable()
export class RefusalLog {
  private readonly logger = new Logger(RefusalLog.name);
  private readonly groups: Grouping<Refusal, void>;
  private leftOut = 0;

  constructor(private readonly store: UsageStore) {
    this.groups = new Grouping((refusals) => this.run(refusals), LIMITS);
  }

  /** Resolves when it is logged, or left out. Never fails. */
  async add(refusal: Refusal): Promise<void> {
    await this.groups.add(refusal).catch(() => this.leftOut++);
  }

  private async run(refusals: Refusal[]): Promise<void[]> {
    if (this.leftOut > 0) this.logger.warn(`${this.leftOut} refusals were not logged.`);
    this.leftOut = 0;
    try {
      return await this.store.logRefusals(refusals);
    } catch (error) {
      this.logger.error(`${refusals.length} refusals could not be logged: ${String(error)}`);
      throw error;
    }
  }
}
