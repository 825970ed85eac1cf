import { LoginMode, modeClaim, type RequestTokenClaims } from '../common/claims.js';
import { toMilliseconds } from '../common/duration.js';
import { assertScope } from '../common/scope.js';
import { isStorableJson } from '../common/storable.js';
import { newId } from '../common/uuid.js';
import { FIRST_TIMESTAMP_MS } from '../database/timestamp.js';
import type { ColumnsOf } from '../entities/entity-rows.js';
import { RequestToken } from '../entities/request-token.entity.js';
import type { RequestTokenSessions } from '../users/sessions.js';
import type { IssueOptions } from './issue.js';

export interface IssueSettings {
  /** `iss` claim. */
  readonly issuer?: string;
  /** Milliseconds; undefined is for ever. */
  readonly expiresIn?: number;
  /** Of login mode `session`, in milliseconds. */
  readonly sessionExpiresIn: number;
  /** Null is unlimited. */
  readonly maxUses: number | null;
  /** Whether tokens are deferred. */
  readonly deferred: boolean;
  /** Whether there is one tells whether users can be logged in. */
  readonly sessions?: RequestTokenSessions;
}

/**
 * The row of a new token.
 *
 * @throws TypeError that names what is wrong with the options
 */
export function draftToken(
  options: IssueOptions,
  place: { scope?: string; path?: string },
  userId: string | undefined,
  settings: IssueSettings,
  now: Date,
): RequestToken {
  if (place.scope !== undefined) assertScope(place.scope);
  if (place.scope === undefined && place.path === undefined) {
    throw new TypeError('issue: a token needs a scope or a target');
  }
  const { loginMode = userId === undefined ? LoginMode.None : LoginMode.Request } = options;
  assertLoginMode(loginMode, userId, settings);

  let expiresAt = expiry(options, loginMode, settings, now);
  let notBefore = options.notBefore === undefined ? null : date(options.notBefore, 'notBefore');
  if (expiresAt && notBefore && expiresAt <= notBefore) {
    throw new TypeError('issue: the token would expire before it becomes valid; see notBefore and expiresAt');
  }

  const deferred = isDeferred(options, settings);
  if (deferred) {
    if (!expiresAt) throw new TypeError('issue: a deferred token must expire; give expiresIn or expiresAt');
    expiresAt = new Date(secondAfter(expiresAt) * 1_000);
    notBefore &&= new Date(secondBefore(notBefore) * 1_000);
  }

  return Object.assign(new RequestToken(), {
    id: newId(now.getTime()),
    scope: place.scope ?? null,
    targetPath: place.path ?? null,
    userId: userId ?? null,
    loginMode,
    issuedAt: now,
    notBefore,
    expiresAt,
    revokedAt: null,
    maxUses: maxUses(options.maxUses === undefined ? settings.maxUses : options.maxUses),
    useCount: 0,
    data: data(options.data),
    deferredUntil: deferred ? expiresAt : null,
  } satisfies ColumnsOf<RequestToken>);
}

/** @throws TypeError if it is something else than true or false */
export function isDeferred(
  { deferred }: Pick<IssueOptions, 'deferred'>,
  settings: Pick<IssueSettings, 'deferred'>,
): boolean {
  if (deferred === undefined) return settings.deferred;
  if (typeof deferred !== 'boolean') throw new TypeError('issue: deferred must be true or false');
  return deferred;
}

/** Mail programs cut long links, and these may be all that is in one. */
const MAX_DEFERRED_DATA_BYTES = 512;

/**
 * The claims of a token whose row is yet to be written: all of the row.
 *
 * @throws TypeError if its data is too long for a link
 */
export function deferredClaimsOf(token: RequestToken, issuer: string | undefined): RequestTokenClaims {
  const claims = claimsOf(token, issuer);
  claims.dfr = 1;
  const json = JSON.stringify(token.data);
  if (json === '{}') return claims;
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_DEFERRED_DATA_BYTES) {
    throw new TypeError(
      `issue: data has ${bytes} bytes of JSON; the link of a deferred token has room for ${MAX_DEFERRED_DATA_BYTES}`,
    );
  }
  claims.dat = token.data;
  return claims;
}

/**
 * The claims of a row. Times are rounded to whole seconds, outwards: the JWT never says no to what the
 * row, which is exact, still allows.
 */
export function claimsOf(token: RequestToken, issuer: string | undefined): RequestTokenClaims {
  const claims: RequestTokenClaims = {
    jti: token.id,
    iat: secondBefore(token.issuedAt),
    mod: modeClaim(token.loginMode),
  };
  if (token.scope !== null) claims.sub = token.scope;
  if (token.userId !== null) claims.aud = token.userId;
  if (issuer !== undefined) claims.iss = issuer;
  if (token.expiresAt) claims.exp = secondAfter(token.expiresAt);
  if (token.notBefore) claims.nbf = secondBefore(token.notBefore);
  if (token.maxUses !== null) claims.max = token.maxUses;
  if (token.targetPath !== null) claims.tgt = token.targetPath;
  return claims;
}

const secondBefore = (date: Date): number => Math.floor(date.getTime() / 1_000);
const secondAfter = (date: Date): number => Math.ceil(date.getTime() / 1_000);

function assertLoginMode(
  loginMode: unknown,
  userId: string | undefined,
  { sessions }: IssueSettings,
): asserts loginMode is LoginMode {
  if (!Object.values<unknown>(LoginMode).includes(loginMode)) {
    throw new TypeError("issue: loginMode must be 'none', 'request' or 'session'");
  }
  if (loginMode !== LoginMode.None && userId === undefined) {
    throw new TypeError(`issue: loginMode '${loginMode as string}' needs a user`);
  }
  if (loginMode === LoginMode.Session && !sessions) {
    throw new TypeError(
      "issue: loginMode 'session' needs a way to log users in; give the module sessions, e.g. passportSessions",
    );
  }
}

function expiry(
  { expiresIn, expiresAt }: IssueOptions,
  loginMode: LoginMode,
  settings: IssueSettings,
  now: Date,
): Date | null {
  if (expiresAt !== undefined) {
    if (expiresIn !== undefined) throw new TypeError('issue: give expiresIn or expiresAt, not both');
    return date(expiresAt, 'expiresAt');
  }
  const fallback = loginMode === LoginMode.Session ? settings.sessionExpiresIn : settings.expiresIn;
  const lifetime = expiresIn === undefined ? fallback : toMilliseconds(expiresIn);
  if (lifetime === undefined) return null;
  if (!(lifetime > 0)) {
    throw new TypeError("issue: expiresIn must be a duration such as '10m' or '30d', or a number of seconds");
  }
  const end = new Date(now.getTime() + lifetime);
  if (Number.isNaN(end.getTime())) throw new TypeError('issue: expiresIn is longer than dates can tell');
  return end;
}

function date(value: unknown, name: string): Date {
  if (!(value instanceof Date) || !(value.getTime() >= FIRST_TIMESTAMP_MS)) {
    throw new TypeError(`issue: ${name} must be a valid Date`);
  }
  return value;
}

function maxUses(value: unknown): number | null {
  // A 32-bit column holds it.
  if (value === null || (Number.isInteger(value) && (value as number) >= 1 && (value as number) < 2 ** 31)) {
    return value as number | null;
  }
  throw new TypeError('issue: maxUses must be a whole number of at least 1, or null for unlimited');
}

/** As the database will give it back. */
function data(value: unknown): Record<string, unknown> {
  if (value === undefined) return {};
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    throw new TypeError('issue: data must be JSON', { cause: error });
  }
  if (!json?.startsWith('{')) throw new TypeError('issue: data must be an object');
  const copy = JSON.parse(json) as Record<string, unknown>;
  if (!isStorableJson(copy)) {
    throw new TypeError('issue: data has a character that PostgreSQL cannot store, such as U+0000');
  }
  return copy;
}
