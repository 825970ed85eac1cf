import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const BYTES = 16;

/** Random bytes in store: to fetch them for each id costs ten times as much as the id. */
const store = new Uint8Array(BYTES * 256);
let used = store.length;

/** A new UUID v7 (RFC 9562 section 5.7): 48 bits of time, 74 of chance. */
export function newId(msecs = Date.now()): string {
  if (used === store.length) {
    randomFillSync(store);
    used = 0;
  }
  return v7({ msecs, random: store.subarray(used, (used += BYTES)) });
}

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether it is the id that {@link newId} may have made, to the letter. */
export const isOwnId = (id: string): boolean => UUID_V7.test(id);

/** When {@link newId} made it, in milliseconds since 1970. */
export const millisecondsOf = (id: string): number => parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** Before every id. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Below every id that {@link newId} makes from this moment on, and above all that it made before. */
export function leastIdAt(moment: Date): string {
  const hex = Math.max(0, Math.min(moment.getTime(), MAX_ID_MS)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** 48 bits. */
const MAX_ID_MS = 2 ** 48 - 1;
