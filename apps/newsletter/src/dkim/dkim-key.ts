import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { domainToASCII } from 'node:url';
import { promisify } from 'node:util';
import type { AppConfig } from '../config/app-config.js';
import { keptSecret } from '../config/data-dir.js';
import { StartupError } from '../config/startup-error.js';

const FILE = 'dkim.key';
const SELECTOR = 'newsletter';
/** Every verifier has to take keys of this size; shorter ones are weak (RFC 8301 section 3.2). */
const KEY_BITS = 2048;

/** A TXT record for the DNS of the sender's domain. */
export interface DnsRecord {
  name: string;
  value: string;
}

/** What the app signs its mails with (DKIM, RFC 6376), in the name of the domain that they come from. */
export class DkimKey {
  readonly selector = SELECTOR;
  /** PEM. */
  readonly privateKey: string;
  readonly publicRecord: DnsRecord;

  constructor(
    readonly domain: string,
    key: KeyObject,
  ) {
    this.privateKey = toPem(key);
    const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
    this.publicRecord = {
      name: `${SELECTOR}._domainkey.${domain}`,
      value: `v=DKIM1; k=rsa; p=${publicKey}`,
    };
  }

  /** The key in DATA_DIR, which is made at the first start. */
  static async load({ DATA_DIR, MAIL_FROM }: AppConfig): Promise<DkimKey> {
    return new DkimKey(domainOf(MAIL_FROM), readKey(await keptSecret(DATA_DIR, FILE, makeKey), DATA_DIR));
  }
}

async function makeKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: KEY_BITS });
  return toPem(privateKey);
}

/** A key that cannot sign should be told at start: mails would go out without a signature. */
function readKey(pem: string, dataDir: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // Said below, as nothing else has to be known about it.
  }
  throw new StartupError(
    `${join(dataDir, FILE)} is no RSA private key: delete the file, and a new one is made.`,
  );
}

function toPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** `example.com` of `News <news@Example.com>`, as it is written in DNS. */
export function domainOf(mailFrom: string): string {
  const domain = domainToASCII(mailFrom.slice(mailFrom.lastIndexOf('@') + 1).replace(/>$/, ''));
  if (!/^[\w.-]+$/.test(domain)) {
    throw new StartupError(`MAIL_FROM ${mailFrom} has no domain in whose name mails could be signed.`);
  }
  return domain;
}
