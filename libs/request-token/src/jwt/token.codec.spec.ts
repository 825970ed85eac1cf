import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ALGORITHMS, signer } from '../../../../test/support/keys.js';
import type { RequestTokenClaims } from '../common/claims.js';
import { RequestTokenException } from '../common/exception.js';
import { RequestToken } from '../entities/request-token.entity.js';
import { rowProblem } from '../entities/token-state.js';
import { claimsOf } from '../token/token-draft.js';
import type { RequestTokenKey } from './key-material.js';
import { KeyRing } from './key-ring.js';
import { type JwtSettings, TokenCodec } from './token.codec.js';

const SECRET = 'a secret known to every reader of this file';
const KID = 'k1';
const IAT = 1767225600; // 2026-01-01T00:00:00Z
const CLAIMS: RequestTokenClaims = {
  jti: '01890a5d-ac96-774b-bcce-b302099a8057',
  sub: 'unsubscribe',
  aud: '42',
  iat: IAT,
  nbf: IAT,
  exp: IAT + 3600,
  max: 1,
  mod: 'r',
  tgt: '/unsubscribe',
};
const HEADER = { alg: 'HS256', typ: 'request-token+jwt', kid: KID };

const at = (seconds: number): Date => new Date(seconds * 1000);
const NOW = at(IAT + 60);

const codecOf = async (keys: RequestTokenKey[], options: Partial<JwtSettings> = {}) =>
  new TokenCodec(await KeyRing.create(keys), { clockTolerance: 0, ...options });
const codecWith = (options: Partial<JwtSettings>) =>
  codecOf([{ alg: 'HS256', secret: SECRET, kid: KID }, signer('ES256')], options);
const codec = await codecWith({});

const segment = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

const hmac = (input: string): string => createHmac('sha256', SECRET).update(input).digest('base64url');

/** A JWT with a good signature, made without the library. A text is taken as the JSON itself. */
function signed(payload: unknown, header: unknown = HEADER): string {
  const input = `${segment(header)}.${segment(payload)}`;
  return `${input}.${hmac(input)}`;
}

const VALID = signed(CLAIMS);
const [HEAD, BODY, SIGNATURE] = VALID.split('.');

/** Why the JWT is refused; undefined if it is not. */
async function refusal(jwt: string, now = NOW, by = codec): Promise<RequestTokenException | undefined> {
  try {
    await by.verify(jwt, now);
    return undefined;
  } catch (error) {
    if (error instanceof RequestTokenException) return error;
    throw new Error('Something else than a refusal', { cause: error });
  }
}

const codeOf = async (jwt: string, now = NOW, by = codec) => (await refusal(jwt, now, by))?.code;

describe('TokenCodec: there and back', () => {
  it.each(ALGORITHMS)('%s: verifies what it has signed', async (alg) => {
    const own = await codecOf([signer(alg)]);
    expect(await own.verify(await own.sign(CLAIMS), NOW)).toEqual(CLAIMS);
  });

  it.each(ALGORITHMS)('%s: writes typ, alg and kid in the header, and nothing else', async (alg) => {
    const jwt = await (await codecOf([{ ...signer(alg), kid: KID }])).sign(CLAIMS);
    const header: unknown = JSON.parse(Buffer.from(jwt.split('.')[0], 'base64url').toString());
    expect(header).toEqual({ alg, kid: KID, typ: 'request-token+jwt' });
  });

  it('leaves claims out that do not apply, and adds none', async () => {
    const claims: RequestTokenClaims = { jti: CLAIMS.jti, iat: IAT, mod: 'n', sub: 'unsubscribe' };
    const jwt = await codec.sign(claims);
    expect(JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url').toString())).toEqual(claims);
    expect(await codec.verify(jwt, NOW)).toEqual(claims);
  });

  it('keeps text of any script', async () => {
    const claims = { ...CLAIMS, sub: 'désabonner-退订-🔕', aud: 'user "7" \\ \n', tgt: '/%E2%82%AC' };
    expect(await codec.verify(await codec.sign(claims), NOW)).toEqual(claims);
  });

  it('signs with a new key and still verifies what the old one has signed', async () => {
    const before = await codecOf([signer('HS256')]);
    const after = await codecOf([signer('EdDSA'), signer('HS256')]);
    const [old, young] = await Promise.all([before.sign(CLAIMS), after.sign(CLAIMS)]);
    expect(await after.verify(old, NOW)).toEqual(CLAIMS);
    expect(await after.verify(young, NOW)).toEqual(CLAIMS);
    expect(await codeOf(young, NOW, before)).toBe('token_signature_invalid');
  });

  it.each(ALGORITHMS)('%s: refuses the signature of another key with the same kid', async (alg) => {
    const own = await codecOf([{ ...signer(alg), kid: KID }]);
    const jwt = await own.sign(CLAIMS);
    const other = await codecOf([{ ...signer(alg === 'HS512' ? 'EdDSA' : 'HS512'), kid: KID }]);
    const [header] = jwt.split('.');
    const [, payload, signature] = (await other.sign(CLAIMS)).split('.');
    expect(await codeOf([header, payload, signature].join('.'), NOW, own)).toBe('token_signature_invalid');
  });

  it('signs nothing that is too long to be accepted, because its link would never work', () => {
    expect(() => codec.sign({ ...CLAIMS, tgt: `/${'x'.repeat(8_192)}` })).toThrow(TypeError);
  });

  it('accepts what is signed by hand as RFC 7515 says', async () => {
    expect(await codec.verify(VALID, NOW)).toEqual(CLAIMS);
  });
});

describe('TokenCodec: the header', () => {
  it.each<[string, object]>([
    ["alg 'none'", { alg: 'none' }],
    ["alg 'None'", { alg: 'None' }],
    ["alg 'hs256'", { alg: 'hs256' }],
    ['an algorithm no key serves', { alg: 'HS384' }],
    ["another key's algorithm", { alg: 'ES256' }],
    ['no kid', { kid: undefined }],
    ['an unknown kid', { kid: 'k2' }],
    ['a kid that is a list', { kid: [KID] }],
    ['a kid that is null', { kid: null }],
    ['a kid that is a path', { kid: '../../dev/null' }],
    ['a kid of Object.prototype', { kid: '__proto__' }],
    ['no typ', { typ: undefined }],
    ['typ JWT', { typ: 'JWT' }],
    ['an access token', { typ: 'at+jwt' }],
    ['a longer typ', { typ: 'request-token+jwt2' }],
    ['a typ that is a list', { typ: ['request-token+jwt'] }],
    ['a critical extension', { crit: ['exp'], exp: 1 }],
  ])('refuses %s', async (_, change) => {
    expect(await codeOf(signed(CLAIMS, { ...HEADER, ...change }))).toBe('token_signature_invalid');
  });

  it.each<[string, object]>([
    ['no alg', { alg: undefined }],
    ['an alg that is a number', { alg: 256 }],
    ['an empty crit', { crit: [] }],
    ['a crit that is no list', { crit: 'exp' }],
    ['a payload that is not encoded (RFC 7797)', { b64: false, crit: ['b64'] }],
  ])('refuses %s', async (_, change) => {
    expect(await codeOf(signed(CLAIMS, { ...HEADER, ...change }))).toBe('token_malformed');
  });

  it('refuses a payload that is really not encoded', async () => {
    const input = `${segment({ ...HEADER, b64: false, crit: ['b64'] })}.${JSON.stringify(CLAIMS)}`;
    expect(await codeOf(`${input}.${hmac(input)}`)).toBe('token_malformed');
  });

  it.each<[string, unknown]>([
    ['null', 'null'],
    ['a list', [HEADER]],
    ['a text', JSON.stringify('HS256')],
    ['no JSON', '{"alg":"HS256"'],
    ['nothing', ''],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1')],
  ])('refuses a header that is %s', async (_, header) => {
    expect(await codeOf(signed(CLAIMS, header))).toBe('token_malformed');
  });

  it('refuses a header that inherits what it needs', async () => {
    const header = `{"__proto__":${JSON.stringify(HEADER)},"alg":"HS256"}`;
    expect(await codeOf(signed(CLAIMS, header))).toBe('token_signature_invalid');
  });

  it('never takes a key from the header', async () => {
    const secret = 'a secret of the attacker, who has sent it along';
    const k = Buffer.from(secret).toString('base64url');
    const urls = { jku: 'https://evil.com/jwks.json', x5u: 'https://evil.com/cert.pem' };
    const header = { ...HEADER, jwk: { kty: 'oct', alg: 'HS256', kid: KID, k }, ...urls };
    const input = `${segment(header)}.${segment(CLAIMS)}`;
    const signature = createHmac('sha256', secret).update(input).digest('base64url');
    expect(await codeOf(`${input}.${signature}`)).toBe('token_signature_invalid');
    // With the right signature they mean nothing.
    expect(await codec.verify(signed(CLAIMS, header), NOW)).toEqual(CLAIMS);
  });
});

describe('TokenCodec: texts that are no JWT', () => {
  it.each<[string, string]>([
    ['nothing', ''],
    ['one part', HEAD],
    ['two parts', `${HEAD}.${BODY}`],
    ['four parts', `${VALID}.${SIGNATURE}`],
    ['five parts, as encrypted JWTs have', `${HEAD}.${BODY}.${SIGNATURE}.${BODY}.${SIGNATURE}`],
    ['only dots', '..'],
    ['no header', `.${BODY}.${SIGNATURE}`],
    ['10 kB of junk', 'x'.repeat(10_240)],
    ['10 kB of dots', '.'.repeat(10_240)],
    ['10 kB with a good signature', signed({ ...CLAIMS, data: 'x'.repeat(10_240) })],
    ['a NUL in the header', `${HEAD}\0.${BODY}.${SIGNATURE}`],
    ['a NUL in the payload', `${HEAD}.${BODY}\0.${SIGNATURE}`],
    ['a NUL in the signature', `${VALID}\0`],
    ['text of another script', '退订.邮件.🔕'],
    ['another script in the header', `é${HEAD.slice(1)}.${BODY}.${SIGNATURE}`],
    ['another script in the payload', `${HEAD}.é${BODY.slice(1)}.${SIGNATURE}`],
    ['another script in the signature', `${HEAD}.${BODY}.${'é'.repeat(SIGNATURE.length)}`],
    ['as many bytes of another script as the signature has', `${HEAD}.${BODY}.x${'é'.repeat(21)}`],
    ['half of a surrogate pair', `${HEAD}.${BODY}.${SIGNATURE.slice(1)}\ud83d`],
    ['an encoded dot', VALID.replace('.', '%2E')],
    ['a JWT in quotes', `"${VALID}"`],
    ['a JWT in JSON', JSON.stringify({ protected: HEAD, payload: BODY, signature: SIGNATURE })],
    ['a Bearer header', `Bearer ${VALID}`],
  ])('refuses %s', async (_, text) => {
    expect(await codeOf(text)).toBe('token_malformed');
  });

  it.each<[string, string]>([
    ['a line cut off at the end', VALID.slice(0, -5)],
    ['an empty signature', `${HEAD}.${BODY}.`],
    ['one byte more', `${VALID}AA`],
    ['an empty payload', `${HEAD}..${SIGNATURE}`],
    ['white space before it', ` ${VALID}`],
    ['a line end in the header', `${HEAD.slice(0, 9)}\r\n${HEAD.slice(9)}.${BODY}.${SIGNATURE}`],
    ['white space in the payload', `${HEAD}.${BODY.slice(0, 9)} ${BODY.slice(9)}.${SIGNATURE}`],
    ['padding of the payload', `${HEAD}.${BODY}==.${SIGNATURE}`],
  ])('refuses %s', async (_, text) => {
    expect(['token_malformed', 'token_signature_invalid']).toContain(await codeOf(text));
  });

  it.each([' ', '\n', '\r\n', '\t', '='])(
    'refuses %j behind or within the signature, which RFC 7515 section 5.2 has no place for',
    async (text) => {
      expect(await codeOf(VALID + text)).toBe('token_malformed');
      expect(await codeOf(`${HEAD}.${BODY}.${SIGNATURE.slice(0, 20)}${text}${SIGNATURE.slice(20)}`)).toBe(
        'token_malformed',
      );
    },
  );
});

describe('TokenCodec: claims with a good signature that are not those of a request token', () => {
  it.each<[string, object]>([
    ['no jti', { jti: undefined }],
    ['a jti that is no UUID', { jti: '42' }],
    ['a jti in braces', { jti: `{${CLAIMS.jti}}` }],
    ['a jti that is a list', { jti: [CLAIMS.jti] }],
    ['a jti with SQL behind it', { jti: `${CLAIMS.jti}' OR 1=1` }],
    ['no iat', { iat: undefined }],
    ['an iat that is a text', { iat: String(IAT) }],
    ['an exp that is a text', { exp: String(CLAIMS.exp) }],
    ['an exp that is null', { exp: null }],
    ['an exp that is true', { exp: true }],
    ['an exp with a fraction', { exp: IAT + 3600.5 }],
    ['a huge exp', { exp: 1e300 }],
    ['an exp that no number can tell from the next', { exp: 2 ** 53 }],
    ['a hugely negative exp', { exp: -1e300 }],
    ['an nbf that is a text', { nbf: String(IAT) }],
    ['a huge nbf', { nbf: 1e300 }],
    ['a hugely negative nbf', { nbf: -1e300 }],
    ['an nbf with a fraction', { nbf: IAT + 0.5 }],
    ['an aud that is a list', { aud: ['42'] }],
    ['an aud that is a number', { aud: 42 }],
    ['an aud that is null', { aud: null }],
    ['an empty aud', { aud: '' }],
    ['an aud that is an object', { aud: { $ne: null } }],
    ['an unknown mod', { mod: 'x' }],
    ['a mod written out', { mod: 'request' }],
    ['no mod', { mod: undefined }],
    ['a mod of Object.prototype', { mod: 'constructor' }],
    ['max 0', { max: 0 }],
    ['max -1', { max: -1 }],
    ['max 1.5', { max: 1.5 }],
    ["max '1'", { max: '1' }],
    ['max null', { max: null }],
    ['a sub that is no text', { sub: 1 }],
    ['an empty sub', { sub: '' }],
    ['a sub that is null', { sub: null }],
    ['a tgt that is a list', { tgt: ['/unsubscribe'] }],
    ['an empty tgt', { tgt: '' }],
    ['an iss that is no text', { iss: 5 }],
    ['neither sub nor tgt', { sub: undefined, tgt: undefined }],
    ['mod r without aud', { mod: 'r', aud: undefined }],
    ['mod s without aud', { mod: 's', aud: undefined }],
  ])('refuses %s', async (_, change) => {
    const error = await refusal(signed({ ...CLAIMS, ...change }));
    expect([error?.code, error?.claims]).toEqual(['token_malformed', undefined]);
  });

  it.each<[string, unknown]>([
    ['a list', [CLAIMS]],
    ['null', 'null'],
    ['a text', JSON.stringify(JSON.stringify(CLAIMS))],
    ['a number', '42'],
    ['true', 'true'],
    ['empty', ''],
    ['an empty object', {}],
    ['cut off', JSON.stringify(CLAIMS).slice(0, -1)],
    ['followed by junk', `${JSON.stringify(CLAIMS)}}`],
    ['a number too large for one', JSON.stringify(CLAIMS).replace(String(CLAIMS.exp), '9e999')],
    ['JSON with a NaN', JSON.stringify(CLAIMS).replace(String(CLAIMS.exp), 'NaN')],
    ['nested a thousand times', '['.repeat(1000) + ']'.repeat(1000)],
  ])('refuses a payload that is %s', async (_, payload) => {
    expect(await codeOf(signed(payload))).toBe('token_malformed');
  });

  it('refuses a payload that is no UTF-8', async () => {
    const bytes = Buffer.from(JSON.stringify({ ...CLAIMS, sub: 'ÿ' }), 'latin1');
    const input = `${HEAD}.${bytes.toString('base64url')}`;
    expect(await codeOf(`${input}.${hmac(input)}`)).toBe('token_malformed');
  });

  it('refuses claims that are inherited by way of __proto__', async () => {
    expect(await codeOf(signed(`{"__proto__":${JSON.stringify(CLAIMS)}}`))).toBe('token_malformed');
    expect(await codeOf(signed(`{"constructor":{"prototype":${JSON.stringify(CLAIMS)}}}`))).toBe(
      'token_malformed',
    );
  });

  it('lets __proto__ beside good claims change nothing', async () => {
    const payload = JSON.stringify(CLAIMS).replace('{', '{"__proto__":{"isAdmin":true},');
    const claims = await codec.verify(signed(payload), NOW);
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
    expect(claims).not.toHaveProperty('isAdmin');
    expect({}).not.toHaveProperty('isAdmin');
  });

  it('takes Number.MAX_SAFE_INTEGER seconds as the far future', async () => {
    const exp = Number.MAX_SAFE_INTEGER;
    expect(await codec.verify(signed({ ...CLAIMS, exp }), NOW)).toMatchObject({ exp });
    expect(await codeOf(signed({ ...CLAIMS, nbf: exp }))).toBe('token_not_yet_valid');
  });
});

describe('TokenCodec: times', () => {
  const start = IAT;
  const end = IAT + 3600;

  it('refuses from the second of exp on, with the claims', async () => {
    expect(await codeOf(VALID, at(end - 1))).toBeUndefined();
    expect(await codeOf(VALID, at(end - 0.001))).toBeUndefined();
    const error = await refusal(VALID, at(end));
    expect([error?.code, error?.claims]).toEqual(['token_expired', CLAIMS]);
  });

  it('refuses until the second of nbf, with the claims', async () => {
    expect(await codeOf(VALID, at(start))).toBeUndefined();
    const error = await refusal(VALID, at(start - 0.001));
    expect([error?.code, error?.claims]).toEqual(['token_not_yet_valid', CLAIMS]);
  });

  it('gives way by the clock tolerance, to the second', async () => {
    const tolerant = await codecWith({ clockTolerance: 5_000 });
    expect(await codeOf(VALID, at(end + 4), tolerant)).toBeUndefined();
    expect(await codeOf(VALID, at(end + 5), tolerant)).toBe('token_expired');
    expect(await codeOf(VALID, at(start - 5), tolerant)).toBeUndefined();
    expect(await codeOf(VALID, at(start - 6), tolerant)).toBe('token_not_yet_valid');
  });

  it('never expires without exp, and is valid at once without nbf', async () => {
    const jwt = signed({ ...CLAIMS, exp: undefined, nbf: undefined });
    expect(await codeOf(jwt, at(0))).toBeUndefined();
    expect(await codeOf(jwt, new Date(8.64e15))).toBeUndefined();
  });

  it('looks at the signature first, and tells nobody else what time it is', async () => {
    const forged = `${HEAD}.${BODY}.${hmac('something else')}`;
    const error = await refusal(forged, at(end));
    expect([error?.code, error?.claims]).toEqual(['token_signature_invalid', undefined]);
  });

  it('looks at typ and shape before the times', async () => {
    expect(await codeOf(signed(CLAIMS, { ...HEADER, typ: 'JWT' }), at(end))).toBe('token_signature_invalid');
    expect(await codeOf(signed({ ...CLAIMS, max: 0 }), at(end))).toBe('token_malformed');
    expect(await codeOf(signed({ ...CLAIMS, exp: 'never' }), at(start - 1))).toBe('token_malformed');
    expect(await codeOf(signed({ ...CLAIMS, jti: 'x' }), at(start - 1))).toBe('token_malformed');
  });

  const row = (notBefore: number, expiresAt: number): RequestToken =>
    Object.assign(new RequestToken(), {
      id: CLAIMS.jti,
      scope: 'unsubscribe',
      targetPath: null,
      userId: null,
      loginMode: 'none',
      issuedAt: at(IAT),
      notBefore: new Date(notBefore),
      expiresAt: new Date(expiresAt),
      revokedAt: null,
      maxUses: null,
      useCount: 0,
      data: {},
    });

  /** What the codec says at a moment at which the row, exact to the millisecond, allows a use. */
  async function codeWhereRowAllows(token: RequestToken, now: number, tolerance: number) {
    const moment = { earliest: new Date(now - tolerance), latest: new Date(now + tolerance) };
    if (rowProblem(token, moment)) return undefined;
    const own = await codecWith({ clockTolerance: tolerance });
    return codeOf(await own.sign(claimsOf(token, undefined)), new Date(now), own);
  }

  const milliseconds = fc.integer({ min: 0, max: 5_000 }).map((ms) => IAT * 1000 + ms);

  it('never refuses what the row still allows', async () => {
    await fc.assert(
      fc.asyncProperty(
        milliseconds,
        milliseconds,
        milliseconds,
        fc.nat(3),
        async (from, to, now, seconds) => {
          expect(await codeWhereRowAllows(row(from, to), now, seconds * 1000)).toBeUndefined();
        },
      ),
    );
  });

  it('never refuses what the row still allows, if the clock tolerance is no whole number of seconds', async () => {
    const second = IAT * 1000;
    expect(await codeWhereRowAllows(row(second + 1_200, second + 9_000), second + 900, 300)).toBeUndefined();
  });
});

describe('TokenCodec: issuer', () => {
  const issuer = 'https://example.com';

  it('takes tokens of the configured issuer', async () => {
    const own = await codecWith({ issuer });
    expect(await own.verify(signed({ ...CLAIMS, iss: issuer }), NOW)).toEqual({ ...CLAIMS, iss: issuer });
  });

  it.each<[string, unknown]>([
    ['none', undefined],
    ['another', 'https://example.org'],
    ['one that differs by a slash', 'https://example.com/'],
    ['one that differs in case', 'https://EXAMPLE.com'],
    ['a list of it', [issuer]],
    ['null', null],
  ])('refuses tokens of another issuer: %s', async (_, iss) => {
    const own = await codecWith({ issuer });
    const error = await refusal(signed({ ...CLAIMS, iss }), NOW, own);
    expect([error?.code, error?.claims]).toEqual(['token_signature_invalid', undefined]);
    expect(await codeOf(signed({ ...CLAIMS, iss }), at(IAT + 3600), own)).toBe('token_signature_invalid');
  });

  it('takes tokens of any issuer where none is configured', async () => {
    expect(await codeOf(signed({ ...CLAIMS, iss: 'https://example.org' }))).toBeUndefined();
  });
});

describe('TokenCodec: whatever it is given', () => {
  /** Everything that can be seen of an error. */
  const visible = (error: RequestTokenException | undefined) => ({
    ...error,
    text: String(error),
    json: JSON.stringify(error),
    cause: error?.cause,
  });

  async function expectRefusalOfNoInput(jwt: string) {
    const error = await refusal(jwt);
    const [malformed, foreign] = (['token_malformed', 'token_signature_invalid'] as const).map((code) =>
      visible(new RequestTokenException(code)),
    );
    expect([malformed, foreign]).toContainEqual(visible(error));
    if (jwt.length > 20) expect(error?.stack).not.toContain(jwt);
  }

  const base64url = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
  const character = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom(...'ABCxyz019-_=.+/ \n'),
  );

  it('refuses any text, without a word of it in the refusal', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.tuple(base64url, base64url, base64url).map((parts) => parts.join('.')),
      fc.tuple(fc.json(), fc.json(), base64url).map(([h, p, s]) => `${segment(h)}.${segment(p)}.${s}`),
      fc.tuple(fc.json(), base64url).map(([p, s]) => `${HEAD}.${segment(p)}.${s}`),
    );
    await fc.assert(fc.asyncProperty(text, expectRefusalOfNoInput), { numRuns: 1_000 });
  });

  const signatureBytes = (jwt: string) => Buffer.from(jwt.split('.')[2] ?? '', 'base64url');
  const isSameToken = (jwt: string) =>
    jwt.startsWith(`${HEAD}.${BODY}.`) &&
    jwt.split('.').length === 3 &&
    signatureBytes(jwt).equals(signatureBytes(VALID));

  it('refuses a good JWT of which a character was changed, put in or taken out, unless its bytes are the same', async () => {
    const edit = fc.record({
      index: fc.nat(VALID.length - 1),
      removed: fc.nat(1),
      inserted: fc.oneof(character, fc.constant('')),
    });
    await fc.assert(
      fc.asyncProperty(edit, async ({ index, removed, inserted }) => {
        const jwt = VALID.slice(0, index) + inserted + VALID.slice(index + removed);
        if (!isSameToken(jwt)) await expectRefusalOfNoInput(jwt);
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses a good JWT of which any one character was changed', async () => {
    for (let index = 0; index < VALID.length; index++) {
      const jwt = `${VALID.slice(0, index)}${VALID[index] === 'A' ? 'B' : 'A'}${VALID.slice(index + 1)}`;
      if (!isSameToken(jwt)) await expectRefusalOfNoInput(jwt);
    }
  });

  it('accepts no claims of the wrong shape, whatever a shared key has signed', async () => {
    const names = [...Object.keys(CLAIMS), 'iss', '__proto__', 'other'];
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown>(...Object.values(CLAIMS), 0, -1, 2 ** 53),
    );
    const changes = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(changes, async (change) => {
        const jwt = signed({ ...CLAIMS, ...change });
        const error = await refusal(jwt);
        if (error) {
          expect(['token_malformed', 'token_expired', 'token_not_yet_valid']).toContain(error.code);
          return;
        }
        const claims = await codec.verify(jwt, NOW);
        expect(claims).toMatchObject({ jti: expect.any(String), aud: expect.any(String) });
        expect(['n', 'r', 's']).toContain(claims.mod);
        expect(Number.isSafeInteger(claims.max) && Number(claims.max) > 0).toBe(true);
        expect(Number(claims.exp) > NOW.getTime() / 1000).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
