/**
 * A page of a list, the newest first.
 *
 * @publicApi
 */
export interface Page<Item> {
  /** May be fewer than `limit`, or none, although there are more: as long as there is an `after`, there may be. */
  items: Item[];
  /** Where the next page begins, for the option `after`; absent on the last. Its form may change in any version. */
  after?: string;
}

/**
 * What all lists take.
 *
 * @publicApi
 */
export interface PageOptions {
  /** How many at most, from 1 to 1,000. Default: 50. */
  limit?: number;
  /** What the page before gave as `after`. */
  after?: string;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1_000;
const UUID_BYTES = 16;

/** @throws TypeError if it is no limit */
export function limitOf(call: string, { limit = DEFAULT_LIMIT }: PageOptions): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new TypeError(`${call}: limit must be a whole number from 1 to 1,000`);
  }
  return limit;
}

/**
 * The id of the last row of the page before.
 *
 * @throws TypeError if no page gave it
 */
export function lastIdOf(call: string, { after }: PageOptions): string | undefined {
  if (after === undefined) return undefined;
  const hex = typeof after === 'string' ? Buffer.from(after, 'base64url').toString('hex') : '';
  if (hex.length !== 2 * UUID_BYTES) throw new TypeError(`${call}: after must be what the page before gave`);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The `after` of a page whose last row has this id. */
export const afterId = (id: string): string =>
  Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
