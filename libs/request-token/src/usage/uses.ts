import type { Moment } from '../common/clock.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import type { RequestTokenOutcome } from '../entities/request-token-log.entity.js';
import type { LogEntry } from './log-entry.js';

/** A use that somebody wants to take. */
export interface WantedUse {
  tokenId: string;
  moment: Moment;
  /** Without it, the use is not logged. */
  log?: LogEntry;
  /** Of a deferred token: its row as it is before its first use, which writes it. */
  deferred?: RequestToken;
}

/** As {@link WantedUse}, of a deferred token. */
export type WantedDeferredUse = WantedUse & Required<Pick<WantedUse, 'deferred'>>;

/** A deferred token as whoever uses it finds it, and its row, if it has one. */
export interface DeferredState {
  row: RequestToken | undefined;
  state: RequestToken;
}

/** The log row of a use of which nobody knows whether it was taken, or will be, with its token. */
export type LostDeferredUse = Required<Pick<WantedDeferredUse, 'tokenId' | 'deferred' | 'log'>>;

/**
 * How often a use is tried to be taken whose token was not usable then, and is usable when it is looked at for the
 * reason: a use was given back in between, or the row was changed. No code would be true of it.
 */
export const MOST_ATTEMPTS = 3;

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
