import type { KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type CryptoKey, decodeProtectedHeader, exportJWK, importJWK } from 'jose';
import { deriveFingerprintKey } from './fingerprint-key.js';
import { Hmac } from './hmac.js';
import {
  type ParsedKey,
  parseKeys,
  type RequestTokenAlgorithm,
  type RequestTokenKey,
} from './key-material.js';

/** 96 bits of a thumbprint: enough to tell keys apart, short enough for a link. */
const KID_LENGTH = 16;

interface RingKey {
  alg: RequestTokenAlgorithm;
  kid: string;
  /** RFC 7638: the same for the same key, whatever its kid. */
  thumbprint: string;
  sign?: CryptoKey;
  verify: CryptoKey;
  /** For HS256, HS384 and HS512. */
  hmac?: Hmac;
  /** Missing where only the public half is known. */
  fingerprint?: KeyObject;
}

interface SigningKey {
  alg: RequestTokenAlgorithm;
  kid: string;
  key: CryptoKey;
  hmac?: Hmac;
}

/** The keys of an app: the first signs, all verify. Imported once, because importing costs more than signing. */
export class KeyRing {
  /** Every algorithm that a key serves; no other is accepted (RFC 8725 section 3.1). */
  algorithms: string[] = [];
  private keys: RingKey[] = [];
  private byKid: ReadonlyMap<string, RingKey> = new Map();
  private hmacByHeader: ReadonlyMap<string, Hmac> = new Map();

  /** @throws Error that names the option to mend */
  static async create(keys: string | RequestTokenKey[]): Promise<KeyRing> {
    const ring = new KeyRing();
    await ring.load(keys);
    return ring;
  }

  /** @throws Error that names the option to mend */
  async load(given: string | RequestTokenKey[]): Promise<void> {
    const keys = await Promise.all(parseKeys(given).map(importKey));
    this.keys = keys;
    this.algorithms = [...new Set(keys.map(({ alg }) => alg))];
    this.byKid = new Map(keys.map((key) => [key.kid, key]));
    this.hmacByHeader = new Map(keys.flatMap(({ hmac }) => (hmac ? [[hmac.header, hmac]] : [])));
    const thumbprints = new Set(keys.map(({ thumbprint }) => thumbprint));
    if (this.byKid.size < keys.length || thumbprints.size < keys.length) {
      throw new Error('keys: give each key once, for one algorithm, and each kid once');
    }
  }

  /** What may be told of the keys. */
  summary(): { kid: string; alg: RequestTokenAlgorithm; signs: boolean }[] {
    return this.keys.map(({ kid, alg }, index) => ({ kid, alg, signs: index === 0 }));
  }

  signingKey(): SigningKey {
    const { alg, kid, sign, hmac } = this.keys[0];
    return { alg, kid, key: sign as CryptoKey, hmac };
  }

  /** The key of that id, unless it serves another algorithm. */
  verificationKey(kid: unknown, alg: unknown): CryptoKey | undefined {
    const key = typeof kid === 'string' ? this.byKid.get(kid) : undefined;
    return key?.alg === alg ? key?.verify : undefined;
  }

  /** For the fingerprint of a user in a JWT that is to be signed. */
  fingerprintKey(): KeyObject {
    return this.keys[0].fingerprint as KeyObject;
  }

  /** For the fingerprint of a user in this JWT, which was verified; undefined where only the public half of its key is known. */
  fingerprintKeyOf(jwt: string): KeyObject | undefined {
    const { kid } = decodeProtectedHeader(jwt);
    return typeof kid === 'string' ? this.byKid.get(kid)?.fingerprint : undefined;
  }

  /** Where in the list the keys stand of which only the public half is known. */
  get publicOnly(): number[] {
    return this.keys.flatMap(({ fingerprint }, index) => (fingerprint ? [] : [index]));
  }

  /** The HMAC key whose JWTs have this protected header, encoded. */
  hmac(header: string): Hmac | undefined {
    return this.hmacByHeader.get(header);
  }
}

async function importKey({ alg, kid, sign, verify }: ParsedKey): Promise<RingKey> {
  const thumbprint = await calculateJwkThumbprint(await exportJWK(verify));
  const id = kid ?? thumbprint.slice(0, KID_LENGTH);
  return {
    alg,
    kid: id,
    thumbprint,
    sign: sign && (await toCryptoKey(sign, alg)),
    verify: await toCryptoKey(verify, alg),
    hmac: verify.type === 'secret' ? new Hmac(alg, id, verify) : undefined,
    fingerprint: sign && deriveFingerprintKey(sign),
  };
}

/** jose is fastest with a CryptoKey, and bytes of a secret are all that it would make of a JWK. */
async function toCryptoKey(key: KeyObject, alg: RequestTokenAlgorithm): Promise<CryptoKey> {
  if (key.type === 'secret') {
    const hmac = { name: 'HMAC', hash: `SHA-${alg.slice(-3)}` };
    return crypto.subtle.importKey('raw', key.export(), hmac, false, ['sign', 'verify']);
  }
  return (await importJWK(await exportJWK(key), alg)) as CryptoKey;
}
