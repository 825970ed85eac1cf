import type { RequestTokenClaims } from '../common/claims.js';
import type { RequestTokenException } from '../common/exception.js';
import type { RequestToken } from '../entities/request-token.entity.js';

/**
 * What the library puts on a request to a decorated route.
 *
 * @publicApi
 */
export interface RequestTokenRequest {
  /** The recipient, for login modes `request` and `session`. */
  user?: unknown;
  /** Claims of the verified token. */
  requestTokenClaims?: RequestTokenClaims;
  /** The row, once a use of it is taken. */
  requestToken?: RequestToken;
  /** Why the token was ignored, on a route with `onInvalid: 'ignore'`. */
  requestTokenError?: RequestTokenException;
}

/** What a request says of itself. */
export interface RequestFacts {
  readonly method: string;
  /** Path and query, as the app's router has them and as they are escaped there. */
  readonly url: string;
  /** The path of `url`: what targets are compared with. */
  readonly path: string;
  /** Whether a browser fetches the page before anybody asked for it. */
  readonly isPrefetch: boolean;
  /** The framework's, never a header's. */
  readonly clientIp: string | null;
  readonly userAgent: string | null;
}
