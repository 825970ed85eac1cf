import 'reflect-metadata';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AppConfig } from '../config/app-config.js';
import { StartupError } from '../config/startup-error.js';
import { DkimKey, domainOf } from './dkim-key.js';

describe('domainOf', () => {
  it.each([
    ['news@example.com', 'example.com'],
    ['News <news@Example.COM>', 'example.com'],
    ['"a@b" <news@localhost>', 'localhost'],
    ['news@müller.de', 'xn--mller-kva.de'],
  ])('of %s is %s', (mailFrom, domain) => {
    expect(domainOf(mailFrom)).toBe(domain);
  });

  it.each(['news@[127.0.0.1]', 'news@a%b', 'news@a;b'])('refuses %s', (mailFrom) => {
    expect(() => domainOf(mailFrom)).toThrow(StartupError);
  });
});

describe('DkimKey', () => {
  let config: AppConfig;
  beforeEach(async () => {
    const DATA_DIR = await mkdtemp(join(tmpdir(), 'dkim-key-'));
    config = Object.assign(new AppConfig(), { DATA_DIR, MAIL_FROM: 'News <news@example.com>' });
  });
  afterEach(() => rm(config.DATA_DIR, { recursive: true }));

  it('is made once, and tells what to publish', async () => {
    const { domain, selector, publicRecord, privateKey } = await DkimKey.load(config);
    expect({ domain, selector }).toEqual({ domain: 'example.com', selector: 'newsletter' });
    expect(publicRecord.name).toBe('newsletter._domainkey.example.com');
    expect(publicRecord.value).toMatch(/^v=DKIM1; k=rsa; p=[A-Za-z0-9+/]{390,}={0,2}$/);
    expect((await stat(join(config.DATA_DIR, 'dkim.key'))).mode & 0o777).toBe(0o600);
    expect((await DkimKey.load(config)).privateKey).toBe(privateKey);
  });

  it.each([
    ['no key at all', 'x'],
    [
      'a key that is not RSA',
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ],
  ])('refuses %s', async (_what, text) => {
    await writeFile(join(config.DATA_DIR, 'dkim.key'), text);
    await expect(DkimKey.load(config)).rejects.toThrow(/dkim\.key.*delete the file/);
  });
});
