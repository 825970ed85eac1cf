import { validate as isUuid } from 'uuid';
import { MODE_CLAIMS, type RequestTokenClaims } from '../common/claims.js';
import { RequestTokenException } from '../common/exception.js';

const isString = (value: unknown): value is string => typeof value === 'string' && value.length > 0;
const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
const absentOr = (isValid: (value: unknown) => boolean) => (value: unknown) =>
  value === undefined || isValid(value);

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
  if (!bound || !hasRecipient) throw new RequestTokenException('token_malformed');
  return claims as unknown as RequestTokenClaims;
}
