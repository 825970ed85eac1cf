import { checkOf } from '../common/given.js';
import type { RequestTokenLog, RequestTokenOutcome } from '../entities/request-token-log.entity.js';
import type { PageOptions } from './page.js';

/**
 * Which attempts are listed. `from` is included, `to` is not; refusals are at the beginning of their minute.
 *
 * `outcome`, `scope` and `clientIp` are in no index: a page looks at 10,000 attempts at most for them, and may have fewer
 * than `limit`, or none, and an `after` all the same.
 *
 * @publicApi
 */
export interface AttemptsOptions extends PageOptions {
  tokenId?: string;
  outcome?: RequestTokenOutcome;
  /** Of the token. */
  scope?: string;
  /** An IPv4 or IPv6 address. */
  clientIp?: string;
  from?: Date;
  to?: Date;
}

/**
 * An attempt in a list: its log row, and the scope of its token.
 *
 * @publicApi
 */
export type ListedAttempt = RequestTokenLog & { scope: string | null };

const EVERY = 'leave it out for attempts of every';

export const checkAttemptsOptions = checkOf<AttemptsOptions>('attempts', '{ tokenId }', {
  tokenId: `${EVERY} token`,
  outcome: `${EVERY} outcome`,
  scope: `${EVERY} scope`,
  clientIp: `${EVERY} client`,
  from: 'leave it out for attempts of any age',
  to: 'leave it out for the newest',
  limit: null,
  after: null,
});
