import { createHmac, createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import type { RequestTokenClaims } from '../common/claims.js';
import { REQUEST_TOKEN_TYP } from '../common/constants.js';
import { RequestTokenException } from '../common/exception.js';
import { KeyRing } from './key-ring.js';
import { type JwtSettings, TokenCodec } from './token.codec.js';

const NOW = new Date('2026-01-01T12:00:00.500Z');
const SECONDS = Math.floor(NOW.getTime() / 1000);
const KID = 'k1';
const HEADER = { alg: 'HS256', kid: KID, typ: REQUEST_TOKEN_TYP };
const CLAIMS: RequestTokenClaims = {
  jti: '01890a5d-ac96-774b-bcce-b302099a8057',
  sub: 'unsubscribe',
  aud: '42',
  iss: 'us',
  iat: SECONDS - 60,
  nbf: SECONDS - 60,
  exp: SECONDS + 60,
  max: 1,
  mod: 'r',
  tgt: '/unsubscribe',
};

const ALGORITHMS = ['HS256', 'HS384', 'HS512'] as const;
const secretOf = (alg: string): string => `a secret known to every reader of this file `.repeat(2) + alg;

const codecOf = async (alg: (typeof ALGORITHMS)[number], options: Partial<JwtSettings> = {}) =>
  new TokenCodec(await KeyRing.create([{ alg, kid: KID, secret: secretOf(alg) }]), {
    clockTolerance: 0,
    ...options,
  });

const hmac = (input: string, alg = 'HS256'): string =>
  createHmac(`sha${alg.slice(-3)}`, secretOf(alg))
    .update(input)
    .digest('base64url');

/** What comes of it: the claims, or the refusal with its claims. */
async function outcome(verified: Promise<RequestTokenClaims>) {
  try {
    return { claims: await verified };
  } catch (error) {
    if (!(error instanceof RequestTokenException))
      throw new Error('Something else than a refusal', { cause: error });
    return { code: error.code, claims: error.claims };
  }
}

describe('HMAC without jose', () => {
  const claim = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
  const signable = fc.record(
    { sub: claim, aud: claim, tgt: claim, iss: claim, exp: fc.maxSafeInteger(), max: fc.nat() },
    { requiredKeys: [] },
  );

  it.each(ALGORITHMS)('signs with %s what jose signs, to the letter', async (alg) => {
    const codec = await codecOf(alg);
    const key = createSecretKey(secretOf(alg), 'utf8');
    await fc.assert(
      fc.asyncProperty(signable, async (part) => {
        const claims = { ...CLAIMS, ...part };
        const byJose = await new SignJWT({ ...claims }).setProtectedHeader({ ...HEADER, alg }).sign(key);
        expect(await codec.sign(claims)).toBe(byJose);
      }),
    );
  });

  const anything = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(undefined, null, true, '', 'us', [], {}, 1.5, -1, 0, 1e300) },
    { weight: 3, arbitrary: fc.integer({ min: -3, max: 3 }).map((offset) => SECONDS + offset) },
    fc.jsonValue(),
  );
  const payloadObject = fc
    .record(
      {
        ...{ jti: anything, sub: anything, aud: anything, iss: anything, iat: anything, nbf: anything },
        ...{ exp: anything, max: anything, mod: anything, tgt: anything, ['__proto__']: anything },
      },
      { requiredKeys: [] },
    )
    .map((changes) => ({ ...CLAIMS, ...changes }));
  const times = fc
    .record({ nbf: anything, exp: anything, iss: anything }, { requiredKeys: [] })
    .map((changes) => ({ ...CLAIMS, ...changes }));
  const payloadBytes = fc.oneof(
    { weight: 6, arbitrary: times.map((value) => Buffer.from(JSON.stringify(value))) },
    { weight: 3, arbitrary: payloadObject.map((value) => Buffer.from(JSON.stringify(value))) },
    fc.json().map((json) => Buffer.from(json)),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    // A byte order mark, bytes that are no UTF-8, members given twice, blanks around.
    fc.constantFrom('\ufeff', ' ', '\n').map((before) => Buffer.from(before + JSON.stringify(CLAIMS))),
    fc.constant(Buffer.from(JSON.stringify(CLAIMS).replace('unsubscribe', 'un\xff'), 'latin1')),
    fc.constant(Buffer.from(`{"exp":1,${JSON.stringify(CLAIMS).slice(1)}`)),
    fc.constant(Buffer.from(`${JSON.stringify(CLAIMS).slice(0, -1)},"exp":1}`)),
  );
  const header = fc.oneof(
    { weight: 5, arbitrary: fc.constant(JSON.stringify(HEADER)) },
    fc
      .record(
        { alg: anything, kid: anything, typ: anything, crit: anything, b64: anything },
        { requiredKeys: [] },
      )
      .map((changes) => JSON.stringify({ ...HEADER, ...changes })),
    fc.constantFrom(
      JSON.stringify({ typ: HEADER.typ, kid: KID, alg: 'HS256' }),
      JSON.stringify({ ...HEADER, typ: 'Request-Token+JWT' }),
      JSON.stringify({ ...HEADER, typ: `application/${HEADER.typ}` }),
      JSON.stringify({ ...HEADER, alg: 'none' }),
      JSON.stringify(HEADER, null, 1),
    ),
  );
  /** What changes the text of a JWT after it was signed, or the encoding of a part before. */
  const lastCharacter = fc.constantFrom('', 'A', 'B', 'Q', '_', '-', '=', 'AA');
  const jwt = fc
    .record({
      header,
      payload: payloadBytes,
      tail: lastCharacter,
      cut: fc.nat({ max: 2 }),
      good: fc.boolean(),
    })
    .map(({ header, payload, tail, cut, good }) => {
      const encoded = payload.toString('base64url');
      const body = good ? encoded : encoded.slice(0, Math.max(0, encoded.length - cut)) + tail;
      const input = `${Buffer.from(header).toString('base64url')}.${body}`;
      return `${input}.${hmac(input)}`;
    });
  const tampered = fc
    .record({
      jwt,
      position: fc.nat(),
      character: fc.constantFrom(...'AQgw_-.=+/ é\0'),
      remove: fc.nat({ max: 3 }),
    })
    .map(({ jwt, position, character, remove }) => {
      const at = position % jwt.length;
      return jwt.slice(0, at) + character + jwt.slice(at + remove);
    });

  it.each([
    ['', {}],
    [', with an issuer', { issuer: 'us' }],
    [', with a clock tolerance', { clockTolerance: 1_500 }],
  ])('accepts and refuses exactly what jose does%s', async (_, options) => {
    const codec = await codecOf('HS256', options);
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 3, arbitrary: jwt }, tampered), async (candidate) => {
        const ours = await outcome(codec.verify(candidate, NOW));
        // What is no compact JWT at all is turned away before either of them sees it.
        if (/^[\w-]+\.[\w-]+\.[\w-]*$/.test(candidate)) {
          expect(ours).toEqual(await outcome(codec.verifyWithJose(candidate, NOW)));
        } else {
          expect(ours.code).toBe('token_malformed');
        }
        if (!('code' in ours)) accepted++;
      }),
      { numRuns: 3_000 },
    );
    // The comparison is worth something only if there was enough to accept.
    expect(accepted).toBeGreaterThan(100);
  });
});
