import { LoginMode, MODE_CLAIMS, type RequestTokenClaims } from '../common/claims.js';
import { millisecondsOf } from '../common/uuid.js';
import type { ColumnsOf } from './entity-rows.js';
import { RequestToken } from './request-token.entity.js';

const LOGIN_MODES = new Map(Object.values(LoginMode).map((mode) => [MODE_CLAIMS[mode], mode]));

/**
 * The row of a deferred token as it is before it is used: its claims say all of it.
 */
export function deferredToken(claims: RequestTokenClaims): RequestToken {
  return Object.assign(new RequestToken(), {
    id: claims.jti,
    scope: claims.sub ?? null,
    targetPath: claims.tgt ?? null,
    userId: claims.aud ?? null,
    loginMode: LOGIN_MODES.get(claims.mod) ?? LoginMode.None,
    issuedAt: issuedAt(claims),
    notBefore: dateOf(claims.nbf),
    expiresAt: dateOf(claims.exp),
    revokedAt: null,
    maxUses: claims.max ?? null,
    useCount: 0,
    data: claims.dat ?? {},
    deferredUntil: dateOf(claims.exp),
  } satisfies ColumnsOf<RequestToken>);
}

/** What of it the database stores as text, by the options of `issue` that it comes from. */
export const textsOf = ({ scope, targetPath, userId, data }: RequestToken) => ({
  scope,
  target: targetPath,
  user: userId,
  data: JSON.stringify(data),
});

const dateOf = (seconds: number | undefined): Date | null =>
  seconds === undefined ? null : new Date(seconds * 1_000);

/** To the millisecond, which stands in the id; but for a token that was signed anew, with another time. */
function issuedAt({ jti, iat }: RequestTokenClaims): Date {
  const milliseconds = millisecondsOf(jti);
  return new Date(Math.floor(milliseconds / 1_000) === iat ? milliseconds : iat * 1_000);
}
