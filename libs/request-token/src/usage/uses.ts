import type { Moment } from '../common/clock.js';
import type { RequestTokenOutcome } from '../entities/request-token-log.entity.js';
import type { LogEntry } from './log-entry.js';

/** A use that somebody wants to take. */
export interface WantedUse {
  tokenId: string;
  moment: Moment;
  /** Without it, the use is not logged. */
  log?: LogEntry;
}

/** A use that was taken. */
export interface TakenUse {
  tokenId: string;
  /** Its log row, if it has one. */
  logId?: string;
}

/** How a use ends. */
export interface Settlement {
  outcome: Extract<RequestTokenOutcome, 'used' | 'released'>;
  statusCode: number | null;
  durationMs: number;
}
