import type { RequestTokenClaims } from '../common/claims.js';
import type { RequestTokenErrorCode } from '../common/exception.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import type { RequestTokenLog } from '../entities/request-token-log.entity.js';

/**
 * What is known of a link.
 *
 * @publicApi
 */
export interface Inspection {
  /** Null when the token could not be read, or its signature is not ours. */
  claims: RequestTokenClaims | null;
  /** The row; null when it is not there, and undefined for a deferred token that has none yet: its claims say all. */
  token: RequestToken | null | undefined;
  /** A deferred token that has no row yet, as its first use would write it; revoked, if it was. */
  deferred?: RequestToken;
  /** Attempts to use it, the newest first; at most 1,000. */
  logs: RequestTokenLog[];
  /** Whether the link would work now, for nobody in particular. */
  usable: boolean;
  /** Why not. */
  code?: RequestTokenErrorCode;
}
