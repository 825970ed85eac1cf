import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  ALGORITHMS,
  jwk,
  KEY_FORMS,
  PAIR_ALGORITHMS,
  PAIRS,
  pem,
  SECRET_ALGORITHMS,
  SECRETS,
  signer,
  verifier,
} from '../../../../test/support/keys.js';
import type { RequestTokenAlgorithm, RequestTokenKey } from './key-material.js';
import { KeyRing } from './key-ring.js';

const ring = (...keys: RequestTokenKey[]) => KeyRing.create(keys);
const kidOf = async (key: RequestTokenKey): Promise<string> => (await ring(key)).signingKey().kid;

/** RS256 and PS256 share a key in these specs, and a ring takes a key once. */
const DISTINCT = ALGORITHMS.filter((alg) => alg !== 'PS256');

describe('KeyRing: which key does what', () => {
  it('signs with the first key', async () => {
    for (const first of DISTINCT) {
      const others = DISTINCT.filter((alg) => alg !== first).map(signer);
      const { alg, kid, key } = (await ring(signer(first), ...others)).signingKey();
      expect([alg, kid]).toEqual([first, await kidOf(signer(first))]);
      expect(key.usages).toEqual(expect.arrayContaining(['sign']));
    }
  });

  it('verifies with every key, the first included', async () => {
    const keys = await ring(...DISTINCT.map(signer));
    for (const alg of DISTINCT) {
      expect(keys.verificationKey(await kidOf(signer(alg)), alg)?.usages).toContain('verify');
    }
  });

  it('verifies with a key that is only public', async () => {
    const keys = await ring(signer('HS256'), ...PAIR_ALGORITHMS.slice(0, 3).map(verifier));
    for (const alg of PAIR_ALGORITHMS.slice(0, 3)) {
      expect(keys.verificationKey(await kidOf(signer(alg)), alg)?.type).toBe('public');
    }
  });

  it('gives a key for its own algorithm only', async () => {
    const keys = await ring(...DISTINCT.map(signer));
    for (const alg of DISTINCT) {
      const kid = await kidOf(signer(alg));
      for (const other of [
        ...ALGORITHMS.filter((name) => name !== alg),
        'none',
        '',
        undefined,
        null,
        [alg],
      ]) {
        expect(keys.verificationKey(kid, other)).toBeUndefined();
      }
    }
  });

  it.each(['other', '', undefined, null, 0, ['kid'], {}, 'constructor', '__proto__', 'size'])(
    'gives no key for the unknown kid %j',
    async (kid) => {
      const keys = await ring({ ...signer('HS256'), kid: 'kid' });
      expect(keys.verificationKey(kid, 'HS256')).toBeUndefined();
      expect(keys.verificationKey(kid, undefined)).toBeUndefined();
    },
  );

  it('names the algorithms of its keys and no others, each once', async () => {
    const secret = (kid: string): RequestTokenKey => ({ alg: 'HS256', secret: `${kid}-`.repeat(32), kid });
    expect((await ring(secret('a'), secret('b'), signer('ES256'))).algorithms).toEqual(['HS256', 'ES256']);
    expect((await KeyRing.create('xy'.repeat(16))).algorithms).toEqual(['HS256']);
  });

  it('lets no key be read out that signs', async () => {
    for (const alg of ALGORITHMS) {
      expect((await ring(signer(alg))).signingKey().key.extractable).toBe(false);
    }
  });
});

describe('KeyRing: kid', () => {
  it('is by default the beginning of the thumbprint in RFC 7638 section 3.1', async () => {
    const publicKey = {
      kty: 'RSA',
      n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
      e: 'AQAB',
    };
    const keys = await ring(signer('HS256'), { alg: 'RS256', publicKey });
    expect(
      keys.verificationKey('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'.slice(0, 16), 'RS256'),
    ).toBeDefined();
  });

  it('is by default the beginning of the thumbprint in RFC 8037 appendix A.3', async () => {
    const privateKey = {
      kty: 'OKP',
      crv: 'Ed25519',
      d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    };
    expect(await kidOf({ alg: 'EdDSA', privateKey })).toBe(
      'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'.slice(0, 16),
    );
  });

  it.each(SECRET_ALGORITHMS)('%s: is by default taken from the thumbprint of the secret', async (alg) => {
    const k = SECRETS[alg].export().toString('base64url');
    const thumbprint = createHash('sha256').update(`{"k":"${k}","kty":"oct"}`).digest('base64url');
    expect(await kidOf(signer(alg))).toBe(thumbprint.slice(0, 16));
  });

  it.each(PAIR_ALGORITHMS)('%s: is the same for both halves, and however the key is written', async (alg) => {
    const { privateKey, publicKey } = PAIRS[alg];
    const kid = await kidOf({ alg, privateKey });
    for (const write of Object.values(KEY_FORMS)) {
      expect(await kidOf({ alg, privateKey: write(privateKey) })).toBe(kid);
      const keys = await ring(signer('HS256'), { alg, publicKey: write(publicKey) });
      expect(keys.verificationKey(kid, alg)).toBeDefined();
    }
  });

  it('is what the option says, if it says anything', async () => {
    const keys = await ring({ ...signer('HS256'), kid: '2026' }, { ...verifier('ES256'), kid: '2025 🔑' });
    expect(keys.signingKey().kid).toBe('2026');
    expect(keys.verificationKey('2025 🔑', 'ES256')).toBeDefined();
    expect(keys.verificationKey(await kidOf(signer('ES256')), 'ES256')).toBeUndefined();
  });
});

describe('KeyRing: what it refuses', () => {
  const twice = 'keys: give each key once, for one algorithm, and each kid once';

  it('two keys with one kid', async () => {
    const keys = [signer('HS256'), signer('ES256')].map((key) => ({ ...key, kid: 'same' }));
    await expect(ring(...keys)).rejects.toThrow(twice);
  });

  it('one key given twice', async () => {
    for (const alg of ALGORITHMS) await expect(ring(signer(alg), verifier(alg))).rejects.toThrow(twice);
  });

  it("a kid that is another key's thumbprint", async () => {
    const kid = await kidOf(signer('ES256'));
    await expect(ring({ ...signer('HS256'), kid }, signer('ES256'))).rejects.toThrow(twice);
  });

  it('one key for two algorithms', async () => {
    await expect(ring(signer('RS256'), signer('PS256'))).rejects.toThrow(/^keys/);
  });

  it('one key for two algorithms under two kids, because a key serves one algorithm', async () => {
    await expect(ring({ ...signer('RS256'), kid: 'rs' }, { ...signer('PS256'), kid: 'ps' })).rejects.toThrow(
      /^keys/,
    );
    const secret = 'xy'.repeat(32);
    await expect(
      ring({ alg: 'HS256', secret, kid: '256' }, { alg: 'HS512', secret, kid: '512' }),
    ).rejects.toThrow(/^keys/);
  });

  it.each([
    ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), ['d']],
    ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 }), ['d', 'p', 'q', 'dp', 'dq', 'qi']],
  ] as const)(
    '%s: a private JWK whose halves are of different keys, by a message that names the option',
    async (alg, generate, privateMembers) => {
      const other = jwk(generate().privateKey);
      const privateKey = {
        ...jwk(PAIRS[alg].privateKey),
        ...Object.fromEntries(privateMembers.map((name) => [name, other[name]])),
      };
      await expect(ring({ alg, privateKey })).rejects.toThrow(/^keys\[0\]/);
    },
  );

  it.each<[string, unknown]>([
    ['a short secret', 'short'],
    ['a PEM as secret', pem(PAIRS.RS256.publicKey)],
    ['no keys', []],
    ['an unknown algorithm', [{ alg: 'none' as RequestTokenAlgorithm, secret: '' }]],
  ])('%s, by a rejection that names the option', async (_, keys) => {
    await expect(KeyRing.create(keys as string)).rejects.toThrow(/^keys/);
  });
});
