import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { tokenOf } from './letters.js';
import { APP_SECRET, type SandboxDatabase } from './sandbox.js';

const DAY = 24 * 60 * 60;

/** The link as it would be had it been issued 91 days ago and expired yesterday, and its row to match. */
export async function expire(database: SandboxDatabase, link: string): Promise<string> {
  const { jwt, id } = tokenOf(link);
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now - 91 * DAY, exp: now - DAY };
  const { alg = '', ...header } = decodeProtectedHeader(jwt);
  const old = await new SignJWT({ ...decodeJwt(jwt), ...times })
    .setProtectedHeader({ ...header, alg })
    .sign(new TextEncoder().encode(APP_SECRET));
  await database.query(
    'UPDATE request_token SET issued_at = to_timestamp($2), expires_at = to_timestamp($3) WHERE id = $1',
    [id, times.iat, times.exp],
  );
  const url = new URL(link);
  url.searchParams.set('rt', old);
  return url.href;
}
