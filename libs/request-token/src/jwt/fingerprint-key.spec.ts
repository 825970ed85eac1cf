import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { PAIRS, pem } from '../../../../test/support/keys.js';
import { deriveFingerprintKey } from './fingerprint-key.js';
import { KeyRing } from './key-ring.js';

const hex = (key: Parameters<typeof deriveFingerprintKey>[0]) =>
  deriveFingerprintKey(key).export().toString('hex');

/** What the values are was computed by another implementation of RFC 5869, in Python. */
describe('The key for fingerprints', () => {
  it('is derived from the bytes of a secret', () => {
    const secret = createSecretKey(Buffer.from('a secret for tests that has more than 32 bytes'));
    expect(hex(secret)).toBe('cd30631c4d6b1ddf7b1a04315cdb7a32cf7f407903005cbdda2f68d19ebb359c');
  });

  it('is derived from the private part of an Ed25519 key (that of RFC 8037, appendix A.1)', () => {
    const jwk = {
      kty: 'OKP',
      crv: 'Ed25519',
      d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    };
    expect(hex(createPrivateKey({ key: jwk, format: 'jwk' }))).toBe(
      '82d0bf6661fb4e10902375fb12f065f2c4373531a2d3391ed347228a3fd1b731',
    );
  });

  it.each(['ES256', 'EdDSA', 'RS256'] as const)('is the same for every way to write a key of %s', (alg) => {
    const { privateKey } = PAIRS[alg];
    const sec1OrPkcs1 = alg === 'EdDSA' ? 'pkcs8' : alg === 'ES256' ? 'sec1' : 'pkcs1';
    const other = createPrivateKey(privateKey.export({ format: 'pem', type: sec1OrPkcs1 }));
    expect(hex(other)).toBe(hex(privateKey));
    expect(hex(createPrivateKey(pem(privateKey)))).toBe(hex(privateKey));
  });
});

describe('The key ring', () => {
  it('has a key for fingerprints by the kid of a JWT, and says which keys have none', async () => {
    const ring = await KeyRing.create([
      { alg: 'HS256', kid: 'new', secret: 'a secret for tests that has more than 32 bytes' },
      { alg: 'EdDSA', kid: 'old', privateKey: PAIRS.EdDSA.privateKey },
      { alg: 'ES256', kid: 'public', publicKey: createPublicKey(PAIRS.ES256.privateKey) },
    ]);
    const jwtOf = (header: object) => `${Buffer.from(JSON.stringify(header)).toString('base64url')}.e30.x`;
    expect(ring.fingerprintKeyOf(jwtOf({ kid: 'new' }))).toBe(ring.fingerprintKey());
    expect(ring.fingerprintKeyOf(jwtOf({ kid: 'old' }))?.equals(ring.fingerprintKey())).toBe(false);
    expect(ring.fingerprintKeyOf(jwtOf({ kid: 'public' }))).toBeUndefined();
    expect(ring.publicOnly).toEqual([2]);
  });
});
