import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** What the derived key is good for, and nothing else (RFC 5869 section 3.2). */
const INFO = 'nestjs-request-token usr';

/**
 * The key for fingerprints of users, derived from a key that signs (RFC 5869 with SHA-256, no salt, 32 bytes): from
 * the bytes of a secret, and from the private part of any other key, `d` as its JWK has it. A public key gives none:
 * everybody could then try out what a fingerprint was made of.
 */
export function deriveFingerprintKey(key: KeyObject): KeyObject {
  const { k, d } = key.export({ format: 'jwk' });
  const material = Buffer.from((k ?? d) as string, 'base64url');
  return createSecretKey(Buffer.from(hkdfSync('sha256', material, '', INFO, 32)));
}
