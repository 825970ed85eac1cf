import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { RequestTokenClaims } from '../common/claims.js';
import { REQUEST_TOKEN_TYP } from '../common/constants.js';

const encode = (text: string): string => Buffer.from(text).toString('base64url');

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Signs and verifies with HMAC (RFC 7515 appendix A.1) in the thread of its caller. Web Crypto, and so jose,
 * goes to the thread pool and back, which under load takes longer than all else that a request needs.
 *
 * What it signs is what jose would sign, to the letter. What it accepts is what it signed itself; anything
 * else is for jose to judge.
 */
export class Hmac {
  /** The protected header of every JWT of this key, encoded. */
  readonly header: string;
  private readonly digest: string;

  constructor(
    alg: string,
    kid: string,
    private readonly secret: KeyObject,
  ) {
    this.header = encode(JSON.stringify({ alg, kid, typ: REQUEST_TOKEN_TYP }));
    this.digest = `sha${alg.slice(-3)}`;
  }

  sign(claims: RequestTokenClaims): string {
    const input = `${this.header}.${encode(JSON.stringify(claims))}`;
    return `${input}.${this.signatureOf(input)}`;
  }

  /** The payload of a JWT with this header and a signature of this key; undefined if it is anything else. */
  verify(jwt: string): Record<string, unknown> | undefined {
    const end = jwt.lastIndexOf('.');
    const signature = Buffer.from(jwt.slice(end + 1));
    const expected = Buffer.from(this.signatureOf(jwt.slice(0, end)));
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return undefined;
    return decodeObject(jwt.slice(this.header.length + 1, end));
  }

  private signatureOf(input: string): string {
    return createHmac(this.digest, this.secret).update(input).digest('base64url');
  }
}

function decodeObject(encoded: string): Record<string, unknown> | undefined {
  const bytes = Buffer.from(encoded, 'base64url');
  // Buffer is lenient about what it decodes.
  if (bytes.toString('base64url') !== encoded) return undefined;
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
