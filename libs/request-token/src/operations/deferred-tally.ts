import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { LOG_CONTEXT } from '../common/constants.js';
import { summarizeThrown } from '../common/thrown.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import { hourOf } from './hours.js';
import { SumStore } from './sum-store.js';

/** How long counts stay in memory, where a crash loses them. */
const FLUSH_AFTER_MS = 1_000;

interface Count {
  beginsAt: Date;
  scope: string;
  deferred: number;
}

/**
 * Counts tokens that are issued deferred, of which there is no row to be counted later. Nobody waits for it, and it never
 * fails: what could not be written is told in the app's log, and not counted.
 */
@Injectable()
export class DeferredTally implements BeforeApplicationShutdown {
  private readonly logger = new Logger(LOG_CONTEXT);
  private counts = new Map<string, Count>();
  private timer?: NodeJS.Timeout;
  private flushing?: Promise<void>;

  constructor(private readonly store: SumStore) {}

  count({ issuedAt, scope: given }: Pick<RequestToken, 'issuedAt' | 'scope'>): void {
    const beginsAt = hourOf(issuedAt);
    const scope = given ?? '';
    const key = `${beginsAt.getTime()} ${scope}`;
    const known = this.counts.get(key);
    if (known) known.deferred += 1;
    else this.counts.set(key, { beginsAt, scope, deferred: 1 });
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS).unref();
  }

  /** Resolves when what was counted so far is in the database, or could not be brought there. Never fails. */
  async flush(): Promise<void> {
    await this.flushing;
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.counts.size === 0) return;
    this.flushing = this.write().finally(() => (this.flushing = undefined));
    await this.flushing;
  }

  /** While there still is a DataSource. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.flush();
  }

  private async write(): Promise<void> {
    const counts = Array.from(this.counts.values());
    this.counts = new Map();
    try {
      await this.store.countDeferred(counts);
    } catch (error) {
      // Whether they were counted, nobody knows, as a rule: to count them twice would be no better.
      this.logger.warn(`Deferred tokens could not be counted: ${summarizeThrown(error)}`);
    }
  }
}
