import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import type { JWK } from 'jose';
import type { RequestTokenAlgorithm, RequestTokenKey, RequestTokenKeyMaterial } from 'nestjs-request-token';

/** Real keys for specs, new in every run. */
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const PAIRS = { ES256: ec, EdDSA: ed, RS256: rsa, PS256: rsa };

/** The shortest secrets that are accepted: RFC 7518 section 3.2 asks for as many bytes as the hash has. */
export const SECRETS = {
  HS256: createSecretKey(randomBytes(32)),
  HS384: createSecretKey(randomBytes(48)),
  HS512: createSecretKey(randomBytes(64)),
};

export const SECRET_ALGORITHMS = Object.keys(SECRETS) as (keyof typeof SECRETS)[];
export const PAIR_ALGORITHMS = Object.keys(PAIRS) as (keyof typeof PAIRS)[];
export const ALGORITHMS: RequestTokenAlgorithm[] = [...SECRET_ALGORITHMS, ...PAIR_ALGORITHMS];

const isSecretAlgorithm = (alg: RequestTokenAlgorithm): alg is keyof typeof SECRETS => alg in SECRETS;

/** A key that signs with the algorithm. */
export const signer = (alg: RequestTokenAlgorithm): RequestTokenKey =>
  isSecretAlgorithm(alg) ? { alg, secret: SECRETS[alg] } : { alg, privateKey: PAIRS[alg].privateKey };

/** The half of {@link signer} that verifies; for a secret it is the same. */
export const verifier = (alg: RequestTokenAlgorithm): RequestTokenKey =>
  isSecretAlgorithm(alg) ? { alg, secret: SECRETS[alg] } : { alg, publicKey: PAIRS[alg].publicKey };

export const pem = (key: KeyObject): string =>
  key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' }) as string;

export const jwk = (key: KeyObject): JWK => key.export({ format: 'jwk' });

/** The ways to write down half of a key pair. */
export const KEY_FORMS: Record<string, (key: KeyObject) => RequestTokenKeyMaterial> = {
  'a PEM': pem,
  'bytes of a PEM': (key) => Buffer.from(pem(key)),
  'a JWK': jwk,
  'a KeyObject': (key) => key,
};

/** The ways to write down a secret. */
export const SECRET_FORMS: Record<string, (key: KeyObject) => RequestTokenKeyMaterial> = {
  'a string': (key) => key.export().toString('hex'),
  bytes: (key) => new Uint8Array(key.export()),
  'a JWK': jwk,
  'a KeyObject': (key) => key,
};
