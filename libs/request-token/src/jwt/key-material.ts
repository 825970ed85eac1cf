import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  KeyObject,
  sign as createSignature,
  verify as verifySignature,
} from 'node:crypto';
import type { JWK } from 'jose';

/**
 * Signature algorithms a key can serve (RFC 7518 section 3.1, RFC 8037).
 *
 * @publicApi
 */
export type RequestTokenAlgorithm = 'HS256' | 'HS384' | 'HS512' | 'ES256' | 'EdDSA' | 'RS256' | 'PS256';

/**
 * Key material: a PEM text (or for `secret` the secret itself), a JWK or a Node.js KeyObject.
 *
 * @publicApi
 */
export type RequestTokenKeyMaterial = string | Uint8Array | JWK | KeyObject;

/**
 * One key of the ring. A key serves exactly one algorithm (RFC 8725 section 3.1).
 * Give `secret` for HS256/384/512, `privateKey` to sign with any other, `publicKey` to verify only.
 *
 * @publicApi
 */
export interface RequestTokenKey {
  alg: RequestTokenAlgorithm;
  /** Key id in the JWT's header. Default: derived from the key (RFC 7638 thumbprint). */
  kid?: string;
  /** For HS256 at least 32 bytes, HS384 48, HS512 64 (RFC 7518 section 3.2). */
  secret?: RequestTokenKeyMaterial;
  privateKey?: RequestTokenKeyMaterial;
  publicKey?: RequestTokenKeyMaterial;
}

/** A key as checked: `sign` is missing where only the public half is known. */
export interface ParsedKey {
  alg: RequestTokenAlgorithm;
  kid?: string;
  sign?: KeyObject;
  verify: KeyObject;
}

interface Requirement {
  isMet(key: KeyObject): boolean;
  text: string;
}

const isRsa: Requirement = {
  isMet: (key) => key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048,
  text: 'an RSA key of at least 2048 bits',
};

const ASYMMETRIC: Record<Exclude<RequestTokenAlgorithm, `HS${string}`>, Requirement> = {
  RS256: isRsa,
  PS256: isRsa,
  ES256: {
    isMet: (key) => key.asymmetricKeyDetails?.namedCurve === 'prime256v1',
    text: 'an EC key on the curve P-256',
  },
  EdDSA: { isMet: (key) => key.asymmetricKeyType === 'ed25519', text: 'an Ed25519 key' },
};

const SECRET_BYTES = { HS256: 32, HS384: 48, HS512: 64 } as const;

const isHmac = (alg: RequestTokenAlgorithm): alg is keyof typeof SECRET_BYTES =>
  Object.hasOwn(SECRET_BYTES, alg);

/**
 * Reads the option `keys` and checks that every key fits its algorithm.
 *
 * @throws Error whose message names the option and says how to mend it, and shows no key material
 */
export function parseKeys(keys: unknown): [ParsedKey, ...ParsedKey[]] {
  if (keys === undefined || keys === null || keys === '' || (Array.isArray(keys) && keys.length === 0)) {
    throw new Error(
      'keys is missing: give a secret of at least 32 random bytes, e.g. from `openssl rand -base64 48`, or a list of keys' +
        // Most often process.env says so, and its owner has just written a .env file.
        (keys === undefined
          ? '. If a .env file has it, that may be read only after forRoot() was called: use forRootAsync()'
          : ''),
    );
  }
  const list = typeof keys === 'string' ? [{ alg: 'HS256', secret: keys }] : keys;
  if (!Array.isArray(list)) throw new Error('keys must be one secret string or a list of RequestTokenKey');
  const parsed = list.map((key: unknown, index) =>
    parseKey(key, typeof keys === 'string' ? 'keys' : `keys[${index}]`, typeof keys === 'string'),
  );
  if (!parsed[0]?.sign) {
    throw new Error('keys[0] signs new tokens: give its privateKey (a publicKey can only verify)');
  }
  return parsed as [ParsedKey, ...ParsedKey[]];
}

function parseKey(key: unknown, name: string, isPlainSecret: boolean): ParsedKey {
  if (typeof key !== 'object' || key === null) throw new Error(`${name} must be a RequestTokenKey object`);
  const { alg, kid, secret, privateKey, publicKey, ...unknown } = key as RequestTokenKey;
  for (const property of Object.keys(unknown)) {
    throw new Error(`${name}.${property} is not an option; check its spelling`);
  }
  if (kid !== undefined && (typeof kid !== 'string' || kid === '')) {
    throw new Error(`${name}.kid must be a non-empty string, or be left out`);
  }
  if (typeof alg !== 'string' || !(isHmac(alg) || Object.hasOwn(ASYMMETRIC, alg))) {
    const supported = [...Object.keys(SECRET_BYTES), ...Object.keys(ASYMMETRIC)].join(', ');
    throw new Error(`${name}.alg must be one of ${supported}`);
  }

  if (isHmac(alg)) {
    if (secret === undefined || privateKey !== undefined || publicKey !== undefined) {
      throw new Error(`${name}: ${alg} takes a secret, and neither privateKey nor publicKey`);
    }
    const parsed = parseSecret(secret, alg, isPlainSecret ? name : `${name}.secret`);
    return { alg, kid, sign: parsed, verify: parsed };
  }

  if (secret !== undefined) throw new Error(`${name}: ${alg} takes a privateKey or a publicKey, no secret`);
  const sign = privateKey === undefined ? undefined : parsePrivateKey(privateKey, alg, `${name}.privateKey`);
  const given = publicKey === undefined ? undefined : parsePublicKey(publicKey, alg, `${name}.publicKey`);
  const verify = given ?? (sign && createPublicKey(sign));
  if (!verify) throw new Error(`${name}: give a privateKey to sign with, or a publicKey to verify with`);
  if (sign && !isPair(sign, verify)) {
    throw new Error(`${name}: the private and the public half are not halves of one key`);
  }
  return { alg, kid, sign, verify };
}

function parseSecret(material: unknown, alg: keyof typeof SECRET_BYTES, name: string): KeyObject {
  const secret = readSecret(material);
  if (!secret) throw new Error(`${name} must be a string, bytes, an "oct" JWK or a secret KeyObject`);
  const text = secret.export().toString();
  if (isKeyText(text)) {
    // An attacker knows the public key, and would sign with it as if it were a secret (RFC 8725 section 2.1).
    throw new Error(`${name} is a PEM key, not a secret: use { alg, privateKey } for it, or a random secret`);
  }
  if (isOtherKey(secret.export(), text)) {
    throw new Error(`${name} is a key of another kind, not a secret: use { alg, privateKey } for it`);
  }
  const bytes = SECRET_BYTES[alg];
  if ((secret.symmetricKeySize ?? 0) < bytes) {
    throw new Error(
      `${name} is too short: ${alg} needs at least ${bytes} bytes, e.g. from \`openssl rand -base64 ${(bytes / 4) * 6}\``,
    );
  }
  if (isOneCharacter(secret.export(), text)) {
    throw new Error(`${name} is one character again and again, which is soon guessed: give random bytes`);
  }
  return secret;
}

const isOneCharacter = (bytes: Buffer, text: string): boolean =>
  bytes.every((byte) => byte === bytes[0]) || new Set(text).size === 1;

/** A PEM text, or its base64. */
const isKeyText = (text: string): boolean => text.includes('-----BEGIN ') || BASE64_OF_PEM.test(text);

/** Of a public key, without the lines around it that make it PEM, or as a JWK. */
function isOtherKey(bytes: Buffer, text: string): boolean {
  const isPublicKey = (key: Buffer) => {
    try {
      return createPublicKey({ key, format: 'der', type: 'spki' }).type === 'public';
    } catch {
      return false;
    }
  };
  const isJwk = /^\s*\{[^]*"kty"\s*:\s*"(?:RSA|EC|OKP)"/.test(text);
  return isJwk || isPublicKey(bytes) || isPublicKey(Buffer.from(text, 'base64'));
}

const BASE64_OF_PEM = /^\s*LS0tLS1CRUdJTi/;

function readSecret(material: unknown): KeyObject | undefined {
  if (typeof material === 'string') return createSecretKey(material, 'utf8');
  if (material instanceof Uint8Array) return createSecretKey(material);
  if (material instanceof KeyObject) return material.type === 'secret' ? material : undefined;
  const jwk = material as JWK | null;
  return jwk?.kty === 'oct' && typeof jwk.k === 'string' ? createSecretKey(jwk.k, 'base64url') : undefined;
}

type AsymmetricAlgorithm = keyof typeof ASYMMETRIC;

function parsePrivateKey(material: unknown, alg: AsymmetricAlgorithm, name: string): KeyObject {
  const key = read(material, createPrivateKey);
  if (key?.type !== 'private') {
    throw new Error(`${name} must be a private key: PEM, JWK or KeyObject${damageOf(material)}`);
  }
  return required(key, alg, name);
}

function parsePublicKey(material: unknown, alg: AsymmetricAlgorithm, name: string): KeyObject {
  // Node.js derives the public half of a private key without a word.
  if (isPrivate(material)) {
    throw new Error(
      `${name} is a private key: give its public half, and keep the private one where it signs`,
    );
  }
  const key = read(material, createPublicKey);
  if (key?.type !== 'public') {
    throw new Error(`${name} must be a public key: PEM, JWK or KeyObject${damageOf(material)}`);
  }
  return required(key, alg, name);
}

/** What environment variables and configuration files make of a PEM text, and how it is mended. */
function damageOf(material: unknown): string {
  if (typeof material !== 'string' && !(material instanceof Uint8Array)) return '';
  const text = Buffer.from(material).toString();
  if (BASE64_OF_PEM.test(text))
    return "; this is a PEM text in base64: Buffer.from(text, 'base64') decodes it";
  if (!text.includes('-----BEGIN ')) return '';
  if (text.includes('\\n')) {
    return String.raw`; the line breaks of this PEM are written out as \n: text.replaceAll('\\n', '\n') mends it`;
  }
  if (/^\s*["'`]/.test(text)) return '; this PEM stands in quotation marks, which are no part of it';
  if (!text.trim().includes('\n')) return '; this PEM has lost its line breaks';
  if (/\n[\t ]/.test(text) || /^[\t ]/.test(text)) return '; the lines of this PEM are indented';
  return '';
}

function required(key: KeyObject, alg: AsymmetricAlgorithm, name: string): KeyObject {
  if (!ASYMMETRIC[alg].isMet(key)) throw new Error(`${name}: ${alg} needs ${ASYMMETRIC[alg].text}`);
  return key;
}

/** By its looks: a private key that is damaged, or of a kind that Node.js cannot read, is private all the same. */
function isPrivate(material: unknown): boolean {
  if (material instanceof KeyObject) return material.type === 'private';
  if (typeof material === 'string' || material instanceof Uint8Array) {
    return Buffer.from(material).includes('PRIVATE KEY-----');
  }
  return typeof material === 'object' && material !== null && 'd' in material;
}

/** Tried out, because a JWK may name a public half that is not its own. */
function isPair(privateKey: KeyObject, publicKey: KeyObject): boolean {
  const digest = privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const probe = Buffer.from('probe');
  try {
    return verifySignature(digest, probe, publicKey, createSignature(digest, probe, privateKey));
  } catch {
    return false;
  }
}

function read(material: unknown, create: typeof createPrivateKey | typeof createPublicKey) {
  if (material instanceof KeyObject) return material;
  try {
    return typeof material === 'string' || material instanceof Uint8Array
      ? create(Buffer.from(material))
      : create({ key: material as never, format: 'jwk' });
  } catch {
    // OpenSSL's message says nothing that helps; the caller says what was expected.
    return undefined;
  }
}
