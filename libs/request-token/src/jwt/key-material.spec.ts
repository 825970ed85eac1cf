import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  jwk,
  KEY_FORMS,
  PAIR_ALGORITHMS,
  PAIRS,
  pem,
  SECRET_ALGORITHMS,
  SECRET_FORMS,
  SECRETS,
  signer,
} from '../../../../test/support/keys.js';
import { parseKeys, type RequestTokenKey } from './key-material.js';

const SECRET = 'ThirtyTwoBytesOfSecret-AndNoMore';
const MINIMUM = { HS256: 32, HS384: 48, HS512: 64 };
const HMAC: RequestTokenKey = { alg: 'HS256', secret: SECRET };

const combinations = <A, B>(ones: A[], others: B[]): [A, B][] =>
  ones.flatMap((one) => others.map((other): [A, B] => [one, other]));

/** What is wrong with the keys, if anything. */
function problem(keys: unknown): string | undefined {
  try {
    parseKeys(keys);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('parseKeys: what it takes', () => {
  it('takes one string as the secret of an HS256 key', () => {
    const [key, ...others] = parseKeys(SECRET);
    expect(others).toEqual([]);
    expect(key).toMatchObject({ alg: 'HS256', kid: undefined });
    expect(key.sign).toBe(key.verify);
    expect(key.verify.export().toString()).toBe(SECRET);
  });

  it.each(combinations(SECRET_ALGORITHMS, Object.keys(SECRET_FORMS)))(
    '%s: takes a secret given as %s, to sign and to verify',
    (alg, form) => {
      const [key] = parseKeys([{ alg, secret: SECRET_FORMS[form](SECRETS[alg]) }]);
      expect(key.alg).toBe(alg);
      expect(key.sign).toBe(key.verify);
      const bytes = SECRETS[alg].export();
      expect(key.verify.export()).toEqual(form === 'a string' ? Buffer.from(bytes.toString('hex')) : bytes);
    },
  );

  it.each(combinations(PAIR_ALGORITHMS, Object.keys(KEY_FORMS)))(
    '%s: takes a privateKey given as %s, and derives its public half',
    (alg, form) => {
      const { privateKey, publicKey } = PAIRS[alg];
      const [key] = parseKeys([{ alg, privateKey: KEY_FORMS[form](privateKey) }]);
      expect(key.sign?.equals(privateKey)).toBe(true);
      expect(key.verify.equals(publicKey)).toBe(true);
    },
  );

  it.each(combinations(PAIR_ALGORITHMS, Object.keys(KEY_FORMS)))(
    '%s: takes a publicKey given as %s, to verify only',
    (alg, form) => {
      const { publicKey } = PAIRS[alg];
      const [, key] = parseKeys([HMAC, { alg, publicKey: KEY_FORMS[form](publicKey) }]);
      expect(key.sign).toBeUndefined();
      expect(key.verify.equals(publicKey)).toBe(true);
    },
  );

  it.each(PAIR_ALGORITHMS)('%s: takes both halves of a key', (alg) => {
    const [key] = parseKeys([{ alg, ...PAIRS[alg] }]);
    expect(key.sign?.type).toBe('private');
    expect(key.verify.type).toBe('public');
  });

  it.each([
    ['ES256', 'sec1'],
    ['RS256', 'pkcs1'],
    ['PS256', 'pkcs1'],
  ] as const)('%s: takes a PEM of the older form %s', (alg, type) => {
    const privateKey = PAIRS[alg].privateKey.export({ format: 'pem', type: type });
    expect(
      parseKeys([{ alg, privateKey: privateKey as string }])[0].verify.equals(PAIRS[alg].publicKey),
    ).toBe(true);
  });

  it('keeps the keys in their order, each with its kid', () => {
    const keys = parseKeys([
      { ...HMAC, kid: 'new' },
      { ...signer('ES256'), kid: 'old' },
      { ...signer('EdDSA'), kid: 'older' },
    ]);
    expect(keys.map(({ alg, kid }) => [alg, kid])).toEqual([
      ['HS256', 'new'],
      ['ES256', 'old'],
      ['EdDSA', 'older'],
    ]);
  });

  it('copies a secret, so that its bytes can be wiped afterwards', () => {
    const bytes = SECRETS.HS256.export();
    const [key] = parseKeys([{ alg: 'HS256', secret: bytes }]);
    bytes.fill(0);
    expect(key.verify.equals(SECRETS.HS256)).toBe(true);
  });
});

describe('parseKeys: the length of a secret', () => {
  it.each(combinations(SECRET_ALGORITHMS, Object.keys(SECRET_FORMS)))(
    '%s: refuses a secret given as %s that is one byte short',
    (alg, form) => {
      const bytes = 'x'.repeat(MINIMUM[alg] - 1);
      const secret = form === 'a string' ? bytes : SECRET_FORMS[form](createSecretKey(bytes, 'utf8'));
      expect(problem([{ alg, secret }])).toMatch(
        new RegExp(
          `^keys\\[0\\]\\.secret is too short: ${alg} needs at least ${MINIMUM[alg]} bytes.*openssl`,
        ),
      );
    },
  );

  it.each(SECRET_ALGORITHMS)('%s: takes a string of exactly as many bytes as the hash has', (alg) => {
    expect(problem([{ alg, secret: 'xy'.repeat(MINIMUM[alg] / 2) }])).toBeUndefined();
  });

  it('counts bytes and not characters', () => {
    expect(problem('éè'.repeat(8))).toBeUndefined();
    expect(problem('é'.repeat(15) + 'x')).toMatch('too short');
    expect(problem('🔑🚪'.repeat(4))).toBeUndefined();
    expect(problem('🔑'.repeat(7))).toMatch('too short');
  });

  it('counts what a JWK encodes, and not how long it is written', () => {
    const k = Buffer.alloc(31, 'x').toString('base64url');
    expect(k.length).toBeGreaterThan(32);
    expect(problem([{ alg: 'HS256', secret: { kty: 'oct', k } }])).toMatch('too short');
    expect(problem([{ alg: 'HS256', secret: { kty: 'oct', k: '!'.repeat(99) } }])).toMatch('too short');
  });

  it.each(['', [], undefined, null])('refuses missing keys: %j', (keys) => {
    expect(problem(keys)).toMatch(/^keys is missing: give a secret of at least 32 random bytes.*openssl/);
  });

  it('says of undefined, as an unset variable is, that a .env file may be read later', () => {
    expect(problem(undefined)).toMatch(/openssl.*\.env file.*forRootAsync\(\)/);
    expect(problem('')).not.toMatch('.env');
  });

  it('names the plain secret by its option', () => {
    expect(problem('short')).toMatch(/^keys is too short/);
  });
});

describe('parseKeys: a PEM key is no secret, because anybody may know the public one', () => {
  const { privateKey, publicKey } = PAIRS.RS256;
  const pems = { public: pem(publicKey), private: pem(privateKey) };
  const forms: Record<string, (text: string) => unknown> = {
    'the plain secret': (text) => text,
    'a secret string': (secret) => [{ alg: 'HS256', secret }],
    'secret bytes': (text) => [{ alg: 'HS256', secret: Buffer.from(text) }],
    'a secret JWK': (text) => [{ alg: 'HS256', secret: jwk(createSecretKey(text, 'utf8')) }],
    'a secret KeyObject': (text) => [{ alg: 'HS256', secret: createSecretKey(text, 'utf8') }],
    'a secret whose line ends are escaped': (text) => text.replaceAll('\n', '\\n'),
    'a secret after other text': (text) => `Bag Attributes: none\n${text}`,
  };

  it.each(combinations(['public', 'private'] as const, Object.keys(forms)))(
    'refuses a %s key as %s',
    (half, form) => {
      expect(problem(forms[form](pems[half]))).toMatch(
        /^keys\S* is a PEM key, not a secret: use .*privateKey/,
      );
    },
  );

  it('refuses half of a key pair as a secret in any other form', () => {
    for (const key of [privateKey, publicKey]) {
      expect(problem([{ alg: 'HS256', secret: key }])).toMatch(/^keys\[0\]\.secret must be/);
      expect(problem([{ alg: 'HS256', secret: jwk(key) }])).toMatch(/^keys\[0\]\.secret must be/);
    }
  });
});

describe('parseKeys: the halves of a key pair', () => {
  it.each(combinations(PAIR_ALGORITHMS, Object.keys(KEY_FORMS)))(
    '%s: refuses a private key given as publicKey, as %s',
    (alg, form) => {
      expect(problem([HMAC, { alg, publicKey: KEY_FORMS[form](PAIRS[alg].privateKey) }])).toMatch(
        /^keys\[1\]\.publicKey is a private key: give its public half/,
      );
    },
  );

  it('refuses as publicKey an RSA JWK that is private but has no primes, which RFC 7518 section 6.3.2 allows', () => {
    const { kty, n, e, d } = jwk(PAIRS.RS256.privateKey);
    expect(problem([HMAC, { alg: 'RS256', publicKey: { kty, n, e, d } }])).toMatch(
      /^keys\[1\]\.publicKey is a private key/,
    );
  });

  it('refuses as publicKey a JWK with a private part, be it damaged', () => {
    const { d = '', ...rest } = jwk(PAIRS.EdDSA.privateKey);
    expect(problem([HMAC, { alg: 'EdDSA', publicKey: { ...rest, d: d.slice(1) } }])).toMatch(
      /^keys\[1\]\.publicKey is a private key/,
    );
  });

  it('refuses as publicKey a private PEM right after an error of OpenSSL, which lets createPrivateKey of Node.js 20 fail', () => {
    const { privateKey, publicKey } = PAIRS.ES256;
    publicKey.equals(PAIRS.RS256.publicKey); // leaves 'different key types' in OpenSSL's error queue
    expect(problem([HMAC, { alg: 'ES256', publicKey: pem(privateKey) }])).toMatch(
      /^keys\[1\]\.publicKey is a private key/,
    );
  });

  it('refuses as publicKey a PEM that has the private key behind the public one', () => {
    const { privateKey, publicKey } = PAIRS.ES256;
    expect(problem([HMAC, { alg: 'ES256', publicKey: pem(publicKey) + pem(privateKey) }])).toMatch(
      /^keys\[1\]\.publicKey is a private key/,
    );
  });

  it.each(combinations(PAIR_ALGORITHMS, Object.keys(KEY_FORMS)))(
    '%s: refuses a public key given as privateKey, as %s',
    (alg, form) => {
      expect(problem([{ alg, privateKey: KEY_FORMS[form](PAIRS[alg].publicKey) }])).toMatch(
        /^keys\[0\]\.privateKey must be a private key: PEM, JWK or KeyObject/,
      );
    },
  );

  it('refuses a first key that can only verify', () => {
    expect(problem([{ alg: 'ES256', publicKey: PAIRS.ES256.publicKey }, signer('EdDSA')])).toMatch(
      /^keys\[0\] signs new tokens: give its privateKey/,
    );
  });

  it.each([
    ['EdDSA', () => generateKeyPairSync('ed25519')],
    ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ] as const)('%s: refuses halves of different keys', (alg, generate) => {
    const { publicKey } = generate();
    expect(problem([{ alg, privateKey: PAIRS[alg].privateKey, publicKey }])).toMatch(
      /^keys\[0\]: the private and the public half are not halves of one key/,
    );
  });
});

describe('parseKeys: a key fits its algorithm', () => {
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  const rsa1024 = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const x25519 = generateKeyPairSync('x25519');
  const ed448 = generateKeyPairSync('ed448');

  it.each<[string, RequestTokenKey['alg'], { privateKey: KeyObject; publicKey: KeyObject }, string]>([
    ['P-384', 'ES256', p384, 'an EC key on the curve P-256'],
    ['secp256k1', 'ES256', k1, 'an EC key on the curve P-256'],
    ['Ed25519', 'ES256', PAIRS.EdDSA, 'an EC key on the curve P-256'],
    ['P-256', 'EdDSA', PAIRS.ES256, 'an Ed25519 key'],
    ['X25519, which cannot sign,', 'EdDSA', x25519, 'an Ed25519 key'],
    ['Ed448', 'EdDSA', ed448, 'an Ed25519 key'],
    ['RSA 1024', 'RS256', rsa1024, 'an RSA key of at least 2048 bits'],
    ['RSA 1024', 'PS256', rsa1024, 'an RSA key of at least 2048 bits'],
    ['P-256', 'RS256', PAIRS.ES256, 'an RSA key of at least 2048 bits'],
    ['Ed25519', 'PS256', PAIRS.EdDSA, 'an RSA key of at least 2048 bits'],
  ])('refuses a key of %s for %s', (_, alg, { privateKey, publicKey }, text) => {
    expect(problem([{ alg, privateKey }])).toBe(`keys[0].privateKey: ${alg} needs ${text}`);
    expect(problem([HMAC, { alg, publicKey }])).toBe(`keys[1].publicKey: ${alg} needs ${text}`);
  });

  it.each([undefined, null, '', 'none', 'None', 'hs256', 'RS384', 'ES512', 'HS1', 256, ['HS256'], {}])(
    'refuses the algorithm %j, and names those that there are',
    (alg) => {
      expect(problem([{ alg, secret: SECRET }])).toBe(
        'keys[0].alg must be one of HS256, HS384, HS512, RS256, PS256, ES256, EdDSA',
      );
    },
  );

  it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
    'refuses the algorithm %s, which every object has a property of',
    (alg) => {
      expect(problem([{ alg, secret: SECRET }])).toMatch(/^keys\[0\]\.alg must be one of HS256/);
      expect(problem([{ alg, secret: 'x' }])).toMatch(/^keys\[0\]\.alg must be one of HS256/);
    },
  );

  it('refuses a secret that comes with half of a key pair', () => {
    const message = /^keys\[0\]: HS256 takes a secret, and neither privateKey nor publicKey/;
    expect(problem([{ ...HMAC, privateKey: PAIRS.ES256.privateKey }])).toMatch(message);
    expect(problem([{ ...HMAC, publicKey: PAIRS.ES256.publicKey }])).toMatch(message);
    expect(problem([{ alg: 'HS256' }])).toMatch(message);
  });

  it.each(PAIR_ALGORITHMS)('%s: refuses a secret', (alg) => {
    const message = new RegExp(`^keys\\[0\\]: ${alg} takes a privateKey or a publicKey, no secret`);
    expect(problem([{ alg, secret: SECRET }])).toMatch(message);
    expect(problem([{ ...signer(alg), secret: SECRET }])).toMatch(message);
  });

  it.each(PAIR_ALGORITHMS)('%s: asks for half of a key pair when there is none', (alg) => {
    expect(problem([{ alg }])).toMatch(
      /^keys\[0\]: give a privateKey to sign with, or a publicKey to verify/,
    );
  });
});

describe('parseKeys: junk', () => {
  it.each([42, true, {}, { alg: 'HS256', secret: SECRET }, Buffer.from(SECRET), () => SECRET])(
    'refuses keys that are neither a string nor a list: %p',
    (keys) => {
      expect(problem(keys)).toBe('keys must be one secret string or a list of RequestTokenKey');
    },
  );

  it.each([null, undefined, 42, SECRET])('refuses a list of anything but keys: %p', (key) => {
    expect(problem([HMAC, key])).toBe('keys[1] must be a RequestTokenKey object');
  });

  it.each(['', null, 7, {}])('refuses the kid %j', (kid) => {
    expect(problem([{ ...HMAC, kid }])).toBe('keys[0].kid must be a non-empty string, or be left out');
  });

  it.each([null, 42, true, {}, { kty: 'oct' }, { kty: 'oct', k: 5 }, [], new Date()])(
    'refuses the secret %j',
    (secret) => {
      expect(problem([{ alg: 'HS256', secret }])).toMatch(
        /^keys\[0\]\.secret must be a string, bytes, an "oct" JWK or a secret KeyObject/,
      );
    },
  );

  const junk: unknown[] = [
    null,
    42,
    '',
    SECRET,
    '-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n',
    '/run/secrets/key.pem',
    Buffer.alloc(64),
    {},
    { kty: 'RSA' },
    { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' },
    { kty: 'oct', k: Buffer.from(SECRET).toString('base64url') },
    createSecretKey(SECRET, 'utf8'),
  ];

  it.each(PAIR_ALGORITHMS)('%s: refuses junk as privateKey and as publicKey', (alg) => {
    for (const material of junk) {
      expect(problem([{ alg, privateKey: material }])).toMatch(
        /^keys\[0\]\.privateKey must be a private key: PEM, JWK or KeyObject/,
      );
      expect(problem([HMAC, { alg, publicKey: material }])).toMatch(
        /^keys\[1\]\.publicKey (must be a public key: PEM, JWK or KeyObject|is a private key)/,
      );
    }
  });

  it('refuses a PEM that is encrypted, whose passphrase it has nowhere to ask for', () => {
    const privateKey = PAIRS.ES256.privateKey.export({
      format: 'pem',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase: 'passphrase',
    }) as string;
    expect(problem([{ alg: 'ES256', privateKey }])).toMatch(/^keys\[0\]\.privateKey must be a private key/);
  });
});

describe('parseKeys: no message shows key material', () => {
  const rsa1024 = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const cut = pem(PAIRS.ES256.privateKey)
    .replace(/\n(?!.*\n)/, '')
    .slice(0, -40);
  const { d, ...publicJwk } = jwk(PAIRS.ES256.privateKey);

  it.each<[string, unknown, string[]]>([
    ['a short secret', 'hunter2hunter2', ['hunter2hunter2']],
    ['a short secret in a list', [{ alg: 'HS512', secret: SECRET }], [SECRET]],
    ['a PEM as secret', pem(PAIRS.ES256.privateKey), [pem(PAIRS.ES256.privateKey)]],
    ['a secret instead of a key', [{ alg: 'HS256', secret: [SECRET] }], [SECRET]],
    ['a secret in the list itself', [SECRET], [SECRET]],
    ['a secret as algorithm', [{ alg: SECRET }], [SECRET]],
    ['a secret as kid', [{ alg: 'HS256', kid: { SECRET } }], [SECRET]],
    ['a key that is cut off', [{ alg: 'ES256', privateKey: cut }], [cut]],
    ['a JWK that is damaged', [{ alg: 'ES256', privateKey: { ...publicJwk, d, x: 'AAAA' } }], [d ?? '']],
    [
      'a private JWK as publicKey',
      [HMAC, { alg: 'ES256', publicKey: { ...publicJwk, d } }],
      [d ?? '', publicJwk.x ?? ''],
    ],
    ['a weak key', [{ alg: 'RS256', privateKey: pem(rsa1024.privateKey) }], [pem(rsa1024.privateKey)]],
    ['a key of another algorithm', [{ alg: 'EdDSA', privateKey: { ...publicJwk, d } }], [d ?? '']],
  ])('for %s', (_, keys, material) => {
    const message = problem(keys) ?? '';
    expect(message).toMatch(/^keys/);
    for (const line of material.join('\n').split('\n').filter(Boolean)) {
      expect(message).not.toContain(line.slice(0, 12));
    }
  });
});

describe('parseKeys: a secret of one character', () => {
  const oneByte = Buffer.alloc(64, 0x61);

  it.each<[string, unknown, string]>([
    ['text', 'a'.repeat(64), 'keys'],
    ['text beyond ASCII', '🔑'.repeat(16), 'keys'],
    ['text in the list', [{ alg: 'HS256', secret: 'a'.repeat(64) }], 'keys[0].secret'],
    ['bytes', [{ alg: 'HS512', secret: oneByte }], 'keys[0].secret'],
    ['zeros', [{ alg: 'HS512', secret: Buffer.alloc(64) }], 'keys[0].secret'],
    ['bytes that are no text', [{ alg: 'HS384', secret: Buffer.alloc(48, 0xff) }], 'keys[0].secret'],
    ['a JWK', [{ alg: 'HS256', secret: { kty: 'oct', k: oneByte.toString('base64url') } }], 'keys[0].secret'],
    ['a KeyObject', [{ alg: 'HS256', secret: createSecretKey(oneByte) }], 'keys[0].secret'],
  ])('is refused, as %s', (_, keys, name) => {
    expect(problem(keys)).toBe(
      `${name} is one character again and again, which is soon guessed: give random bytes`,
    );
  });
});

describe('parseKeys: a PEM that a variable or a file has changed', () => {
  const { privateKey, publicKey } = PAIRS.ES256;

  it.each<[string, (text: string) => string, RegExp]>([
    [
      'line breaks that are written out',
      (text) => text.replaceAll('\n', '\\n'),
      /written out as \\n: text\.replaceAll/,
    ],
    ['quotation marks around it', (text) => `"${text.trim()}"`, /in quotation marks/],
    ['no line breaks', (text) => text.replaceAll('\n', ''), /lost its line breaks/],
    ['blanks for line breaks', (text) => text.replaceAll('\n', ' '), /lost its line breaks/],
    ['indented lines', (text) => text.replaceAll('\n', '\n  '), /are indented/],
    ['a base64 of its own', (text) => Buffer.from(text).toString('base64'), /in base64: Buffer\.from/],
  ])('is refused if it has %s, and told how it is mended', (_, change, message) => {
    const forms: [string, unknown][] = [
      ['privateKey', change(pem(privateKey))],
      ['publicKey', change(pem(publicKey))],
      ['publicKey', Buffer.from(change(pem(publicKey)))],
    ];
    for (const [half, material] of forms) {
      const text = problem([HMAC, { alg: 'ES256', [half]: material }]);
      expect(text).toMatch(
        /^keys\[1\]\.(privateKey|publicKey) must be a (private|public) key: PEM, JWK or KeyObject; /,
      );
      expect(text).toMatch(message);
      expect(text).not.toMatch(/MF|MI|LS0t/);
    }
    expect(problem(change(pem(publicKey)))).toMatch(/^keys is a PEM key, not a secret/);
  });

  it('is taken with line breaks of Windows, and with blank lines around it', () => {
    const text = `\r\n${pem(privateKey).replaceAll('\n', '\r\n')}\r\n`;
    expect(problem([{ alg: 'ES256', privateKey: text }])).toBeUndefined();
  });
});

describe.each(PAIR_ALGORITHMS)('parseKeys: a public key of %s, which everybody knows,', (alg) => {
  const { publicKey } = PAIRS[alg];
  const der = publicKey.export({ type: 'spki', format: 'der' });

  it.each<[string, string | Uint8Array]>([
    ['a PEM without its first and last line', der.toString('base64')],
    ['the same in lines', der.toString('base64').replace(/.{64}/g, '$&\n')],
    ['DER', der],
    ['the text of a JWK', JSON.stringify(jwk(publicKey))],
  ])('is no secret as %s', (_, secret) => {
    expect(problem([{ alg: 'HS256', secret }])).toBe(
      'keys[0].secret is a key of another kind, not a secret: use { alg, privateKey } for it',
    );
  });
});
