import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const BYTES = 16;

/** Random bytes in store: to fetch them for each id costs ten times as much as the id. */
const store = new Uint8Array(BYTES * 256);
let used = store.length;

/** A new UUID v7 (RFC 9562 section 5.7): 48 bits of time, 74 of chance. */
export function newId(): string {
  if (used === store.length) {
    randomFillSync(store);
    used = 0;
  }
  return v7({ random: store.subarray(used, (used += BYTES)) });
}
