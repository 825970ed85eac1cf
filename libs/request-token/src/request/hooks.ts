import type { RequestTokenClaims } from '../common/claims.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import type { RequestFacts } from '../http/request.js';
import type { OnRefused } from '../pages/page.js';
import type { RequestTokenSessions } from '../users/sessions.js';

/**
 * A use that is kept, as `onUsed` gets it.
 *
 * @publicApi
 */
export interface UsedContext {
  /** The row, as it was after the use was taken. */
  token: RequestToken;
  claims: RequestTokenClaims;
  /** `request.user`, as it was when the use was taken. */
  user: unknown;
  /** Final status of the answer; null if the client left before it. */
  statusCode: number | null;
  /** Milliseconds from the request to its answer. */
  durationMs: number;
  /** What the log says of the request. Its URL is not here, because it has the JWT in it. */
  request: Pick<RequestFacts, 'method' | 'path' | 'clientIp' | 'userAgent'> & { startedAt: Date };
}

/**
 * Called for every use that is kept, once the answer has gone out. Nobody waits for it but `settled()` and a
 * shutdown, and no longer than a minute; what it throws is logged. It is not called while 10,000 calls of it have
 * not returned, which is logged, too.
 *
 * @publicApi
 */
export type OnUsed = (context: UsedContext) => void | Promise<void>;

/** What of the options is called for requests. */
export interface RequestHooks {
  readonly onRefused?: OnRefused;
  readonly onUsed?: OnUsed;
  readonly sessions?: RequestTokenSessions;
}
