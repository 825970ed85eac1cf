import { checkOf } from '../common/given.js';
import type { Duration } from '../common/duration.js';

/**
 * What is cleared away. Nothing is, of what is left out.
 *
 * @publicApi
 */
export interface MaintainOptions {
  /**
   * Log rows older than this are deleted, and whole partitions dropped. What is pending stays, but in a partition: give
   * `releasePending`, too.
   */
  keepLogs?: Duration;
  /**
   * Tokens that ended longer ago than this are deleted with their log: that have expired, or were revoked, or whose last
   * use was taken, as far as the log knows when. Those that were issued deferred stay until their JWT has expired; with them go the revocations
   * that were about one token whose JWT has expired.
   */
  keepTokens?: Duration;
  /** Uses that are pending for longer than this are given back first, as by `releasePending`. */
  releasePending?: Duration;
  /** Rows that one statement looks at, from 1 to 10,000. Default: 1,000. */
  batchSize?: number;
}

/**
 * What `maintain` has done.
 *
 * @publicApi
 */
export interface MaintainResult {
  /** Log rows that were deleted for their age; those of deleted tokens, and of dropped partitions, are not counted. */
  logs: number;
  tokens: number;
  revocations: number;
  /** Uses that were given back. */
  released: number;
  /** Partitions of the log that were dropped. */
  partitions: number;
}

export const checkMaintainOptions = checkOf<MaintainOptions>('maintain', "{ keepLogs: '1y' }", {
  keepLogs: 'leave it out to keep the log',
  keepTokens: 'leave it out to keep the tokens',
  releasePending: 'leave it out to give back no use',
  batchSize: null,
});
