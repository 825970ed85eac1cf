import { describe, expect, it } from '@jest/globals';
import { RequestTokenException } from '../common/exception.js';
import type { RequestTokenAlgorithm, RequestTokenKey } from './key-material.js';
import { KeyRing } from './key-ring.js';
import { TokenCodec } from './token.codec.js';

// JWTs of another library, so that the codec is not only tested against itself. They were made once with
// jsonwebtoken 9.0.3 on Node.js 20, by
//   jwt.sign(CLAIMS, secretOrPrivateKey, { algorithm, header: { typ: 'request-token+jwt', kid } })
// with `kid` = the first 16 characters of base64url(SHA-256(JWK as RFC 7638 has it)), by createHash of
// node:crypto. EdDSA, which jsonwebtoken lacks, was signed by `sign()` of node:crypto with the key of RFC 8037
// appendix A.1. The private halves of the other keys were thrown away.

const SECRETS = {
  HS256: 'a secret known to every reader of this file',
  HS384: 'a secret known to every reader of this file, and longer',
  HS512: 'a secret known to every reader of this file, and even longer than that one',
};

const ES256_PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEs7lSmg7d/LD3syEatg0gjhPYYkIQ
H7yE8KrB3OFn324PLFvy7lvyM5T+FaZshYwTNi9gv/xvIOiME5gzlOIw5A==
-----END PUBLIC KEY-----
`;

const RSA_PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAoMmLGC7yKDiluAH8f9Hn
zDheudSYmx/kTKCgsWOdrn00ZKnpU1nUOpOB5XU5jw034VQJC52KJ4GtCte+QGH4
KicYgIR30gwfwUoqKcyh69ZYae9u27IGFuDQMRnG6gk3FHuPyIuBvZpaQU3KzbDI
vSGYgifg/lR9uRAQt28XtLiER4yz1ci0F+l14RUDg1OAcMur4TJd8D/9DrgKq4pz
Bi7DUcTWdh4eQoUlZjh8eE8ijPuppTnENVYi3O6FUSgbBOvz5hyooyfwryddMZwA
BMWekovXzI3WMJmLW6SvrTJl8T89sJx4j2ah9pn1WX3fcM0r+YJX/O7fl8RXScbF
pwIDAQAB
-----END PUBLIC KEY-----
`;

const ED25519_PUBLIC_KEY = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };

const CLAIMS = {
  jti: '01890a5d-ac96-774b-bcce-b302099a8057',
  sub: 'unsubscribe',
  aud: '42',
  iat: 1767225600, // 2026-01-01T00:00:00Z
  nbf: 1767225600,
  exp: 1767312000, // 2026-01-02T00:00:00Z
  max: 1,
  mod: 'r',
  tgt: '/unsubscribe',
};
const NOW = new Date('2026-01-01T12:00:00Z');

/** {@link CLAIMS}, encoded. */
const PAYLOAD =
  'eyJqdGkiOiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5YTgwNTciLCJzdWIiOiJ1bnN1YnNjcmliZSIsImF1ZCI6IjQyIiwiaWF0IjoxNzY3MjI1NjAwLCJuYmYiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzMxMjAwMCwibWF4IjoxLCJtb2QiOiJyIiwidGd0IjoiL3Vuc3Vic2NyaWJlIn0';

const jwt = (header: string, signature: string, payload = PAYLOAD) => [header, payload, signature].join('.');

const VALID: Record<RequestTokenAlgorithm, string> = {
  HS256: jwt(
    'eyJhbGciOiJIUzI1NiIsInR5cCI6InJlcXVlc3QtdG9rZW4rand0Iiwia2lkIjoiY2ZDYXE4WGpka0wtR0pUcCJ9',
    'WAYr_QY1PbsFmHjy_Y8lqIFdb35hgDK6CGLlyPC_Uk0',
  ),
  HS384: jwt(
    'eyJhbGciOiJIUzM4NCIsInR5cCI6InJlcXVlc3QtdG9rZW4rand0Iiwia2lkIjoiajRma1pyODJoTno5bWZkNiJ9',
    'oh3SjfYyC9Sng5eVuIZL6S-usLcY9SvAYF7vh4-6rSfD6sqNivrnuBCFRX2fUm8m',
  ),
  HS512: jwt(
    'eyJhbGciOiJIUzUxMiIsInR5cCI6InJlcXVlc3QtdG9rZW4rand0Iiwia2lkIjoiZDlGV3htODZvVEVxVTE2TSJ9',
    'QWzGuhIxYI3t0aXKzBDVUmpUl4VjzRlWnfVTQxTk1E2czvxHh-78v6P839mnpe-D_LzBhOboAltVOodROxW3bA',
  ),
  ES256: jwt(
    'eyJhbGciOiJFUzI1NiIsInR5cCI6InJlcXVlc3QtdG9rZW4rand0Iiwia2lkIjoiejY3b2lGQjRrUGpyQ3k0NiJ9',
    'di78p0_SnMYsuM7qjBj-L8ab0LEJfIqYlOU-7bxFkOydJqhUIukNmWNEr8cKMXWaBNN4O_P-iPfV5LdMJ_Uodg',
  ),
  EdDSA: jwt(
    'eyJhbGciOiJFZERTQSIsInR5cCI6InJlcXVlc3QtdG9rZW4rand0Iiwia2lkIjoia1ByS19xbXhWV2FZVkE5dyJ9',
    '8xtBTmMsQH5GfQjANZhuNOEUY5KeNZRRKmhns7jnXbDC3E4iLjqXRVqk-rl2JI-2TiuDY8meKAxjD1F69R0jCQ',
  ),
  RS256: jwt(
    'eyJhbGciOiJSUzI1NiIsInR5cCI6InJlcXVlc3QtdG9rZW4rand0Iiwia2lkIjoidDgwUHpfTVhwQjJFaFA3MSJ9',
    'j6GfqW0VnQo7jTzwK-SsI0cfFycWHZGxWEbwTUSgsgGAtPp33KwIC2_UidJIXIIxAwfy8r49hJcXL8LPn1Fahx1e6zeevbIjjL7jK4s8peew9MZ4nomadgrc-jY46NdVceJEYlGY7NWtV7VMgbol8vdNh9pilBy_hmMpeZv9v0wy_eeGYJtIuETnGtVZaYSUsVKEaYta-PIdobiZZgDyqk0GBe3OIkcLvhVU7xSwRv21He-AHLRwEJ4aHSxNzKhxXDdFryGppOZaPA_Neg-9idq3KU3E03CGTdDcEiIjquDAZUrk8YnuX6OE0ut-oZ7a68c2JNZ0zcbTrC1FY2W-Eg',
  ),
  PS256: jwt(
    'eyJhbGciOiJQUzI1NiIsInR5cCI6InJlcXVlc3QtdG9rZW4rand0Iiwia2lkIjoidDgwUHpfTVhwQjJFaFA3MSJ9',
    'apXNOFO_aVT5Vd6e5QlynK66psW_KUp1f6hN4ZlRuH34wq4ybzRNtj21iSVQLJ657h7qHqRATP-DDuSQA8Ja1JhQelc-6449tcbJuFhtUiz05o7JwWJdLL5_JCp-hA292pKl1y_eORDZ7ZwI5sL28GX8Rx_lFJ0HyGaSk_OsS3KNp6J9mc82whB8_ozIsiHiXyzMskkUTGRg2TipxhdiWlnf-HnTeiEkiqXbJH52-_kHcp9oyXcd98IFMXR5FyQttTnT3KmTJLMkMI4feU7sAQg3X6A88RXnq7C9ewaOTYXBAznqoFgsZJSgMZr-g2k9Nbu7zwdCmBI6f_quKt-9Sg',
  ),
};

const FORGED = {
  /** Signed with 'another secret, of more than 32 bytes too'. */
  wrongSecret: jwt(
    'eyJhbGciOiJIUzI1NiIsInR5cCI6InJlcXVlc3QtdG9rZW4rand0Iiwia2lkIjoiY2ZDYXE4WGpka0wtR0pUcCJ9',
    'HAcqBhTq8xP04pHIxhVkUWp1UoIOt8CJME7IM_FVA-0',
  ),
  /** Made with `algorithm: 'none'`. */
  algorithmNone: jwt(
    'eyJhbGciOiJub25lIiwidHlwIjoicmVxdWVzdC10b2tlbitqd3QiLCJraWQiOiJjZkNhcThYamRrTC1HSlRwIn0',
    '',
  ),
  /** `typ: 'JWT'`, otherwise good. */
  otherTyp: jwt(
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImNmQ2FxOFhqZGtMLUdKVHAifQ',
    'mACLnSk9DalrIRXhVCJW0uci9K9-2EXoqfldzojOY_w',
  ),
  /** No `typ`, otherwise good. */
  noTyp: jwt(
    'eyJhbGciOiJIUzI1NiIsImtpZCI6ImNmQ2FxOFhqZGtMLUdKVHAifQ',
    'HKtxadH388WNrpJdyAyWJZD0rPAG6buv2eTRRHKz-3I',
  ),
  /** No `kid`, otherwise good. */
  noKid: jwt(
    'eyJhbGciOiJIUzI1NiIsInR5cCI6InJlcXVlc3QtdG9rZW4rand0In0',
    'jAMylq1cRIKTwBhpEbSquQZlp7ZYU9Y5oWvYhieZIAg',
  ),
  /** `kid: 'k2'`, otherwise good. */
  unknownKid: jwt(
    'eyJhbGciOiJIUzI1NiIsInR5cCI6InJlcXVlc3QtdG9rZW4rand0Iiwia2lkIjoiazIifQ',
    '3x1kWFOT8S6Azn2pNUPE6e-CUDQ4ZYgsg5PgsTcPF2I',
  ),
  /** HS256 with its secret, and the `kid` of the ES256 key. */
  kidOfES256: jwt(
    'eyJhbGciOiJIUzI1NiIsInR5cCI6InJlcXVlc3QtdG9rZW4rand0Iiwia2lkIjoiejY3b2lGQjRrUGpyQ3k0NiJ9',
    '2aSgISdRMyRZzaektYWxGPDpcB9uAgkRg_SJEHCPjmA',
  ),
  /** HS256 with {@link RSA_PUBLIC_KEY} as the secret, and the `kid` of that key. */
  publicKeyAsSecret: jwt(
    'eyJhbGciOiJIUzI1NiIsInR5cCI6InJlcXVlc3QtdG9rZW4rand0Iiwia2lkIjoidDgwUHpfTVhwQjJFaFA3MSJ9',
    'mZml6oHRRfuhZiH-MpYINlgvDWo2F4uapUKz9e4Lozg',
  ),
  /** `aud: '1'` under the signature for `aud: '42'`. */
  tamperedPayload: jwt(
    'eyJhbGciOiJIUzI1NiIsInR5cCI6InJlcXVlc3QtdG9rZW4rand0Iiwia2lkIjoiY2ZDYXE4WGpka0wtR0pUcCJ9',
    'WAYr_QY1PbsFmHjy_Y8lqIFdb35hgDK6CGLlyPC_Uk0',
    'eyJqdGkiOiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5YTgwNTciLCJzdWIiOiJ1bnN1YnNjcmliZSIsImF1ZCI6IjEiLCJpYXQiOjE3NjcyMjU2MDAsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MzEyMDAwLCJtYXgiOjEsIm1vZCI6InIiLCJ0Z3QiOiIvdW5zdWJzY3JpYmUifQ',
  ),
  /** `extra: 1` in the header, under the signature of a header without it. */
  tamperedHeader: jwt(
    'eyJhbGciOiJIUzI1NiIsInR5cCI6InJlcXVlc3QtdG9rZW4rand0Iiwia2lkIjoiY2ZDYXE4WGpka0wtR0pUcCIsImV4dHJhIjoxfQ',
    'WAYr_QY1PbsFmHjy_Y8lqIFdb35hgDK6CGLlyPC_Uk0',
  ),
};

const PUBLIC_KEYS = {
  ES256: ES256_PUBLIC_KEY,
  EdDSA: ED25519_PUBLIC_KEY,
  RS256: RSA_PUBLIC_KEY,
  PS256: RSA_PUBLIC_KEY,
};
const HS256: RequestTokenKey = { alg: 'HS256', secret: SECRETS.HS256 };

const keyOf = (alg: RequestTokenAlgorithm): RequestTokenKey =>
  alg in SECRETS
    ? { alg, secret: SECRETS[alg as keyof typeof SECRETS] }
    : { alg, publicKey: PUBLIC_KEYS[alg as keyof typeof PUBLIC_KEYS] };

async function verify(token: string, ...keys: RequestTokenKey[]) {
  return new TokenCodec(await KeyRing.create(keys), { clockTolerance: 0 }).verify(token, NOW);
}

async function codeOf(token: string, ...keys: RequestTokenKey[]): Promise<string> {
  const error: unknown = await verify(token, ...keys).catch((refusal: unknown) => refusal);
  if (!(error instanceof RequestTokenException)) throw new Error('not refused', { cause: error });
  expect(error.claims).toBeUndefined();
  return error.code;
}

describe('TokenCodec and the JWTs of another library', () => {
  it('accepts one that is good', async () => {
    expect(await verify(VALID.HS256, HS256)).toEqual(CLAIMS);
  });

  it.each(Object.keys(VALID) as RequestTokenAlgorithm[])('accepts %s, by the default kid', async (alg) => {
    expect(await verify(VALID[alg], { alg: 'HS512', secret: 'xy'.repeat(32) }, keyOf(alg))).toEqual(CLAIMS);
  });

  it.each(['wrongSecret', 'tamperedPayload', 'tamperedHeader'] as const)(
    'refuses a wrong signature: %s',
    async (name) => {
      expect(await codeOf(FORGED[name], HS256)).toBe('token_signature_invalid');
    },
  );

  it("refuses the algorithm 'none', be there a signature or none", async () => {
    const [, , signature] = VALID.HS256.split('.');
    expect(await codeOf(FORGED.algorithmNone, HS256)).toBe('token_signature_invalid');
    expect(await codeOf(FORGED.algorithmNone + signature, HS256)).toBe('token_signature_invalid');
    expect(await codeOf(FORGED.algorithmNone.slice(0, -1), HS256)).toBe('token_malformed');
  });

  it.each(['otherTyp', 'noTyp'] as const)(
    'refuses another typ, although the signature is good: %s',
    async (name) => {
      expect(await codeOf(FORGED[name], HS256)).toBe('token_signature_invalid');
    },
  );

  it.each(['noKid', 'unknownKid'] as const)(
    'refuses a kid that is not known, although the signature is good: %s',
    async (name) => {
      expect(await codeOf(FORGED[name], HS256)).toBe('token_signature_invalid');
    },
  );

  it('refuses HS256 where the kid is of an ES256 key', async () => {
    expect(await codeOf(FORGED.kidOfES256, HS256, keyOf('ES256'))).toBe('token_signature_invalid');
    expect(await codeOf(FORGED.kidOfES256, HS256)).toBe('token_signature_invalid');
  });

  it('refuses HS256 with the public RSA key as the secret', async () => {
    expect(await codeOf(FORGED.publicKeyAsSecret, HS256, keyOf('RS256'))).toBe('token_signature_invalid');
    const signer: RequestTokenKey = { alg: 'HS384', secret: SECRETS.HS384 };
    expect(await codeOf(FORGED.publicKeyAsSecret, signer, keyOf('RS256'))).toBe('token_signature_invalid');
  });

  it('refuses RS256 where the same key serves PS256, and the other way round', async () => {
    expect(await codeOf(VALID.RS256, HS256, keyOf('PS256'))).toBe('token_signature_invalid');
    expect(await codeOf(VALID.PS256, HS256, keyOf('RS256'))).toBe('token_signature_invalid');
  });

  it('refuses a token whose key has been taken out', async () => {
    expect(await verify(VALID.HS384, HS256, keyOf('HS384'))).toEqual(CLAIMS);
    expect(await codeOf(VALID.HS384, HS256)).toBe('token_signature_invalid');
  });
});
