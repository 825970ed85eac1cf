import { validate as isUuid } from 'uuid';
import { MODE_CLAIMS, type RequestTokenClaims } from '../common/claims.js';
import { RequestTokenException } from '../common/exception.js';
import { isObject } from '../common/given.js';
import { isScope } from '../common/scope.js';
import { isIndexable, isStorable, isStorableJson } from '../common/storable.js';
import { isOwnId } from '../common/uuid.js';
import { FIRST_TIMESTAMP_MS } from '../database/timestamp.js';

const isString = (value: unknown): value is string => typeof value === 'string' && value.length > 0;
const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
const absentOr = (isValid: (value: unknown) => boolean) => (value: unknown) =>
  value === undefined || isValid(value);

const FINGERPRINT = /^[\w-]{16}$/;

const SHAPE: Record<keyof RequestTokenClaims, (value: unknown) => boolean> = {
  jti: isUuid,
  sub: absentOr(isString),
  aud: absentOr(isString),
  iss: absentOr(isString),
  iat: isInteger,
  exp: absentOr(isInteger),
  nbf: absentOr(isInteger),
  max: absentOr((value) => isInteger(value) && value > 0),
  mod: (value) => Object.values<unknown>(MODE_CLAIMS).includes(value),
  tgt: absentOr(isString),
  dfr: absentOr((value) => value === 1),
  dat: absentOr(isObject),
  usr: absentOr((value) => isString(value) && FINGERPRINT.test(value)),
};

const RULES = Object.entries(SHAPE);

/**
 * Reads a verified payload as the claims of a request token. The signature says who made it, not that
 * it is well-formed: a key may be shared with software that issues other JWTs.
 *
 * @throws RequestTokenException `token_malformed`
 */
export function readClaims(payload: Record<string, unknown>): RequestTokenClaims {
  const claims: Record<string, unknown> = {};
  for (const [claim, isValid] of RULES) {
    const value = payload[claim];
    if (!isValid(value)) throw new RequestTokenException('token_malformed');
    if (value !== undefined) claims[claim] = value;
  }
  const bound = claims.sub !== undefined || claims.tgt !== undefined;
  const hasRecipient = claims.aud !== undefined || claims.mod === MODE_CLAIMS.none;
  const isWhole =
    claims.dfr === undefined ? claims.dat === undefined : isRow(claims as unknown as RequestTokenClaims);
  if (!bound || !hasRecipient || !isWhole) throw new RequestTokenException('token_malformed');
  return claims as unknown as RequestTokenClaims;
}

/**
 * Whether the claims of a deferred token can be its row as they are, before any SQL sees them. Of other tokens the
 * row is there, and decides.
 */
function isRow({ jti, sub, aud, iat, exp, nbf, max = 1, tgt, dat = {} }: RequestTokenClaims): boolean {
  return (
    isOwnId(jti) &&
    isTime(iat) &&
    exp !== undefined &&
    isTime(exp) &&
    isTime(nbf ?? exp) &&
    max < 2 ** 31 &&
    (sub === undefined || isScope(sub)) &&
    (aud === undefined || isIndexable(aud)) &&
    [aud, tgt].every((text) => text === undefined || isStorable(text)) &&
    isStorableJson(dat)
  );
}

/** A moment that both a Date and PostgreSQL can tell. */
const isTime = (seconds: number): boolean => new Date(seconds * 1_000).getTime() >= FIRST_TIMESTAMP_MS;
