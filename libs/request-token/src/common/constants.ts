/** JOSE header `typ` of every request token (RFC 8725 section 3.11: explicit typing). */
export const REQUEST_TOKEN_TYP = 'request-token+jwt';

/** Metadata key under which `@UseRequestToken()` keeps a route's options. */
export const REQUEST_TOKEN_ROUTE = Symbol('nestjs-request-token:route');

/**
 * Injection token of the checked options with their defaults merged in, of which each folder declares what it reads. They are
 * filled in while the app starts, so read them when they are needed, not in a constructor.
 */
export const REQUEST_TOKEN_SETTINGS = Symbol('nestjs-request-token:settings');

/** Injection token of the same, for what needs them while it is made: filled in by then. */
export const REQUEST_TOKEN_READY = Symbol('nestjs-request-token:ready');

/** Under what everything is logged: of what there is inside, an app knows nothing. */
export const LOG_CONTEXT = 'RequestTokenModule';

/** Injection token of the TypeORM DataSource that holds the request tokens. */
export const REQUEST_TOKEN_DATA_SOURCE = Symbol('nestjs-request-token:data-source');
