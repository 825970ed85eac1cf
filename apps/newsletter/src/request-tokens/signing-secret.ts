import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppConfig } from '../config/app-config.js';
import { StartupError } from '../config/startup-error.js';

const SECRET_BYTES = 32;

/**
 * What tokens are signed with: REQUEST_TOKEN_SECRET, or else a random secret made at the first start, so
 * that links in mails outlive the process.
 */
export async function signingSecret({ REQUEST_TOKEN_SECRET, DATA_DIR }: AppConfig): Promise<string> {
  if (REQUEST_TOKEN_SECRET) return REQUEST_TOKEN_SECRET;
  const file = join(DATA_DIR, 'request-token.secret');
  if (!existsSync(file)) await createSecret(DATA_DIR, file);
  const secret = (await readFile(file, 'utf8')).trim();
  if (Buffer.byteLength(secret) < SECRET_BYTES) {
    throw new StartupError(`The secret in ${file} is too short: delete the file, and a new one is made.`);
  }
  return secret;
}

/** Linking a finished file is all or nothing, and of two processes that start at once only one succeeds. */
async function createSecret(folder: string, file: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`, { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
}
