import { LoginMode, modeClaim, type RequestTokenClaims } from '../common/claims.js';
import { toMilliseconds } from '../common/duration.js';
import { assertScope } from '../common/scope.js';
import { isStorable } from '../common/storable.js';
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

  const expiresAt = expiry(options, loginMode, settings, now);
  const notBefore = options.notBefore === undefined ? null : date(options.notBefore, 'notBefore');
  if (expiresAt && notBefore && expiresAt <= notBefore) {
    throw new TypeError('issue: the token would expire before it becomes valid; see notBefore and expiresAt');
  }

  return Object.assign(new RequestToken(), {
    id: newId(),
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
  } satisfies ColumnsOf<RequestToken>);
}

/**
 * The claims of a row. Times are rounded to whole seconds, outwards: the JWT never says no to what the
 * row, which is exact, still allows.
 */
export function claimsOf(token: RequestToken, issuer: string | undefined): RequestTokenClaims {
  const claims: RequestTokenClaims = {
    jti: token.id,
    iat: Math.floor(token.issuedAt.getTime() / 1000),
    mod: modeClaim(token.loginMode),
  };
  if (token.scope !== null) claims.sub = token.scope;
  if (token.userId !== null) claims.aud = token.userId;
  if (issuer !== undefined) claims.iss = issuer;
  if (token.expiresAt) claims.exp = Math.ceil(token.expiresAt.getTime() / 1000);
  if (token.notBefore) claims.nbf = Math.floor(token.notBefore.getTime() / 1000);
  if (token.maxUses !== null) claims.max = token.maxUses;
  if (token.targetPath !== null) claims.tgt = token.targetPath;
  return claims;
}

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
function data(value: unknown = {}): Record<string, unknown> {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    throw new TypeError('issue: data must be JSON', { cause: error });
  }
  if (!json?.startsWith('{')) throw new TypeError('issue: data must be an object');
  return JSON.parse(json, (key, member: unknown) => {
    if (!isStorable(key) || (typeof member === 'string' && !isStorable(member))) {
      throw new TypeError('issue: data has a character that PostgreSQL cannot store, such as U+0000');
    }
    return member;
  }) as Record<string, unknown>;
}
