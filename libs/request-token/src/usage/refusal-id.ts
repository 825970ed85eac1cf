import { createHash } from 'node:crypto';
import { v7 } from 'uuid';

const MINUTE_MS = 60_000;

/**
 * The id of the log row for all attempts within a minute to use a token that were refused with this outcome: a
 * UUID v7 whose chance is not left to chance, so that every process comes to the same one.
 */
export function refusalId(tokenId: string, outcome: string, startedAt: Date): string {
  const random = createHash('sha256').update(`${tokenId} ${outcome}`).digest();
  return v7({ msecs: Math.floor(startedAt.getTime() / MINUTE_MS) * MINUTE_MS, random });
}
