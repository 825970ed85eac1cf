import { setTimeout } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { LOG_CONTEXT } from '../common/constants.js';
import { summarizeThrown } from '../common/thrown.js';
import { isAboutContent } from '../database/database-errors.js';
import { LockLanes } from '../database/lock-lanes.js';
import { StatementBounds } from '../database/statement-bounds.js';
import type { LogRow } from './log-entry.js';
import { Outstanding } from './outstanding.js';
import { UsageStore } from './usage.store.js';

/** Most log rows that wait to be written; each may be about any number of refusals. */
const MAX_WAITING = 1_000;

/** Between two groups. Each group is a commit, and those that take uses have to wait for it. */
const PAUSE_MS = 25;

/**
 * Logs refusals in groups, and those of one token for one reason as one row. Under a flood of bad links some are
 * left out: uses come first.
 */
@Injectable()
export class RefusalLog {
  private readonly logger = new Logger(LOG_CONTEXT);
  private readonly locked: LockLanes<LogRow, boolean>;
  private readonly unlogged = new Outstanding<LogRow>();
  private waiting = new Map<string, LogRow>();
  private isRunning = false;
  private leftOut = 0;

  constructor(
    private readonly store: UsageStore,
    private readonly bounds: StatementBounds,
  ) {
    this.locked = new LockLanes((refusals, deadline) => store.logRefusals(refusals, 'wait', deadline), {
      maxSize: MAX_WAITING,
      maxWaiting: MAX_WAITING,
    });
  }

  /** Whoever tells it need not wait, and it never fails. */
  add(refusal: LogRow): void {
    const same = this.waiting.get(refusal.id);
    if (same) {
      same.repeats += refusal.repeats;
      return;
    }
    if (this.waiting.size >= MAX_WAITING) {
      this.leftOut += refusal.repeats;
      return;
    }
    this.unlogged.add(refusal);
    this.waiting.set(refusal.id, refusal);
    if (!this.isRunning) void this.run();
  }

  get size(): number {
    return this.unlogged.size;
  }

  /** Resolves when everything that was added so far is logged, or left out. */
  settled(): Promise<void> {
    return this.unlogged.settled();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    while (this.waiting.size > 0) {
      const group = Array.from(this.waiting.values());
      this.waiting = new Map();
      if (this.leftOut > 0) this.logger.warn(`${this.leftOut} refusals were not logged.`);
      this.leftOut = 0;
      await this.write(group);
      await setTimeout(PAUSE_MS);
    }
    this.isRunning = false;
  }

  private async write(group: LogRow[]): Promise<void> {
    try {
      const areLogged = await this.store.logRefusals(group, 'skip', this.bounds.soon());
      group.forEach((refusal, index) => {
        if (areLogged[index]) this.unlogged.done(refusal);
        else void this.writeLocked(refusal);
      });
    } catch (error) {
      if (group.length > 1 && isAboutContent(error)) {
        for (const refusal of group) await this.write([refusal]);
      } else {
        this.giveUp(group, error);
      }
    }
  }

  /** Its token is locked by somebody else, or not there any more: then it will not be logged. */
  private async writeLocked(refusal: LogRow): Promise<void> {
    try {
      await this.locked.add(refusal, this.bounds.soon());
      this.unlogged.done(refusal);
    } catch (error) {
      this.giveUp([refusal], error);
    }
  }

  /** It cannot be repeated: what was counted would be counted again. */
  private giveUp(group: LogRow[], error: unknown): void {
    const count = group.reduce((sum, { repeats }) => sum + repeats, 0);
    this.logger.error(`${count} refusals could not be logged: ${summarizeThrown(error)}`);
    for (const refusal of group) this.unlogged.done(refusal);
  }
}
