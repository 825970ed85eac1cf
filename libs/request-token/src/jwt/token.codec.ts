import { errors, jwtVerify, SignJWT } from 'jose';
import type { RequestTokenClaims } from '../common/claims.js';
import { REQUEST_TOKEN_TYP } from '../common/constants.js';
import { RequestTokenException } from '../common/exception.js';
import type { KeyRing } from './key-ring.js';
import { readClaims } from './read-claims.js';

/**
 * Longest JWT that is looked at, in characters. The longest that is issued (RSA 4096, a long target)
 * stays well below it; links beyond 4 kB are cut by mail programs anyway.
 */
const MAX_JWT_LENGTH = 8_192;

/** JWS Compact Serialization (RFC 7515 section 7.1); decoders are more lenient, about blanks for one. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

export interface JwtSettings {
  /** `iss` claim. */
  readonly issuer?: string;
  /** Milliseconds by which clocks may differ. */
  readonly clockTolerance: number;
}

/** Claims to JWT and back. No I/O: what a JWT alone can tell. */
export class TokenCodec {
  constructor(
    private readonly keys: KeyRing,
    private readonly settings: JwtSettings,
  ) {}

  /**
   * No promise with HMAC, which is done at once.
   *
   * @throws TypeError if the JWT would be too long to be accepted
   */
  sign(claims: RequestTokenClaims): string | Promise<string> {
    const { alg, kid, key, hmac } = this.keys.signingKey();
    if (hmac) return acceptable(hmac.sign(claims));
    const header = { alg, kid, typ: REQUEST_TOKEN_TYP };
    return new SignJWT({ ...claims }).setProtectedHeader(header).sign(key).then(acceptable);
  }

  /**
   * Checks the signature (RFC 7515 section 5.2), `typ`, issuer, shape and times, in this order.
   *
   * @throws RequestTokenException `token_malformed`, `token_signature_invalid`, and with the claims
   *   `token_expired` and `token_not_yet_valid`
   */
  async verify(jwt: string, now: Date): Promise<RequestTokenClaims> {
    if (jwt.length > MAX_JWT_LENGTH) throw new RequestTokenException('token_malformed');
    const claims = this.acceptAtOnce(jwt, now);
    if (claims) return readClaims(claims);
    if (!COMPACT.test(jwt)) throw new RequestTokenException('token_malformed');
    return this.verifyWithJose(jwt, now);
  }

  /** As {@link verify}, for every algorithm, every way to encode a JWT, and everything there is to refuse. */
  async verifyWithJose(jwt: string, now: Date): Promise<RequestTokenClaims> {
    try {
      const { payload } = await jwtVerify(
        jwt,
        ({ kid, alg }) => {
          const key = this.keys.verificationKey(kid, alg);
          if (!key) throw new errors.JWKSNoMatchingKey();
          return key;
        },
        {
          algorithms: this.keys.algorithms,
          typ: REQUEST_TOKEN_TYP,
          issuer: this.settings.issuer,
          // Whole seconds, rounded as the claims are: the JWT never says no to what the row still allows.
          clockTolerance: Math.ceil(this.settings.clockTolerance / 1000),
          currentDate: now,
        },
      );
      return readClaims(payload);
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** The payload of a JWT that is good beyond doubt; undefined if jose has to have a look. */
  private acceptAtOnce(jwt: string, now: Date): Record<string, unknown> | undefined {
    const payload = this.keys.hmac(jwt.slice(0, jwt.indexOf('.')))?.verify(jwt);
    if (!payload) return undefined;
    const { exp, nbf, iss } = payload;
    const seconds = Math.floor(now.getTime() / 1000);
    const tolerance = Math.ceil(this.settings.clockTolerance / 1000);
    const isCurrent =
      (exp === undefined || (typeof exp === 'number' && exp > seconds - tolerance)) &&
      (nbf === undefined || (typeof nbf === 'number' && nbf <= seconds + tolerance));
    const isOurs = this.settings.issuer === undefined || iss === this.settings.issuer;
    return isCurrent && isOurs ? payload : undefined;
  }
}

function acceptable(jwt: string): string {
  if (jwt.length > MAX_JWT_LENGTH) {
    throw new TypeError(`the token would have ${jwt.length} characters; shorten its target`);
  }
  return jwt;
}

/** jose's error as one of our refusals. Anything unforeseen is a token that cannot be read. */
function refusalOf(error: unknown): RequestTokenException {
  if (error instanceof RequestTokenException) return error;
  if (error instanceof errors.JWTExpired) return refusalWithClaims('token_expired', error);
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.reason === 'invalid') return new RequestTokenException('token_malformed');
    return error.claim === 'nbf'
      ? refusalWithClaims('token_not_yet_valid', error)
      : new RequestTokenException('token_signature_invalid');
  }
  const foreign =
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported;
  return new RequestTokenException(foreign ? 'token_signature_invalid' : 'token_malformed');
}

function refusalWithClaims(
  code: 'token_expired' | 'token_not_yet_valid',
  error: errors.JWTExpired | errors.JWTClaimValidationFailed,
): RequestTokenException {
  try {
    return new RequestTokenException(code, readClaims(error.payload));
  } catch (malformed) {
    return malformed as RequestTokenException;
  }
}
