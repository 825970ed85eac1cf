import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { AppConfig } from '../config/app-config.js';
import { keptSecret } from '../config/data-dir.js';
import { StartupError } from '../config/startup-error.js';

const FILE = 'request-token.secret';
const SECRET_BYTES = 32;

/**
 * What tokens are signed with: REQUEST_TOKEN_SECRET, or else a random secret made at the first start, so
 * that links in mails outlive the process.
 */
export async function signingSecret({ REQUEST_TOKEN_SECRET, DATA_DIR }: AppConfig): Promise<string> {
  if (REQUEST_TOKEN_SECRET) return REQUEST_TOKEN_SECRET;
  const secret = await keptSecret(DATA_DIR, FILE, () => randomBytes(SECRET_BYTES).toString('base64url'));
  if (Buffer.byteLength(secret) < SECRET_BYTES) {
    throw new StartupError(
      `The secret in ${join(DATA_DIR, FILE)} is too short: delete the file, and a new one is made.`,
    );
  }
  return secret;
}
