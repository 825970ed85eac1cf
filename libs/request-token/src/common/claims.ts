/**
 * What using a token does about the user of the request.
 *
 * - `none`: nothing; the token carries data, `request.user` is neither set nor checked.
 * - `request`: the recipient is `request.user`, for this one request.
 * - `session`: the recipient is logged in.
 *
 * @publicApi
 */
export const LoginMode = Object.freeze({ None: 'none', Request: 'request', Session: 'session' } as const);
/**
 * One of the {@link LoginMode} values: `'none'`, `'request'` or `'session'`.
 *
 * @publicApi
 */
export type LoginMode = (typeof LoginMode)[keyof typeof LoginMode];

export const MODE_CLAIMS = { none: 'n', request: 'r', session: 's' } as const satisfies Record<
  LoginMode,
  string
>;

/** The `mod` claim of a login mode: its first letter, because a JWT travels in a link. */
export const modeClaim = (mode: LoginMode): RequestTokenClaims['mod'] => MODE_CLAIMS[mode];

/**
 * The claims of a request token (RFC 7519 section 4). A claim that does not apply is absent.
 * Anyone who holds the link can read them.
 *
 * @publicApi
 */
export interface RequestTokenClaims {
  /** JWT ID: the id of the row, a UUID. */
  jti: string;
  /** Subject: the scope. */
  sub?: string;
  /** Audience: the primary key of the recipient. */
  aud?: string;
  /** Issuer, when the module has one. */
  iss?: string;
  /** Issued at, in seconds since 1970 (`NumericDate`), like the two that follow. */
  iat: number;
  /** Expiration time: invalid from here on. */
  exp?: number;
  /** Not before: invalid until here. */
  nbf?: number;
  /** Number of uses; absent when unlimited. */
  max?: number;
  /** Login mode: `n`one, `r`equest or `s`ession. */
  mod: 'n' | 'r' | 's';
  /** Target: the path, without query, that the token is bound to. */
  tgt?: string;
  /** 1 if the token is deferred: its row is written when it is first used. */
  dfr?: 1;
  /** Data of a deferred token, which has no row to keep it in. */
  dat?: Record<string, unknown>;
  /** Of a token that ends when its user changes: 96 bits of an HMAC over what it is bound to, in base64url. */
  usr?: string;
}

/** Whether using the token logs its recipient in. */
export const logsIn = (claims: RequestTokenClaims): boolean => claims.mod === MODE_CLAIMS.session;

/** Whether using the token makes its recipient the user of the request. */
export const standsForUser = (
  claims: RequestTokenClaims,
): claims is RequestTokenClaims & Required<Pick<RequestTokenClaims, 'aud'>> =>
  claims.mod !== MODE_CLAIMS.none;
