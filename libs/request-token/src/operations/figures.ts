import type { Statistic } from './statistics-options.js';

/** How many hashes are kept of the users of a key. */
export const MOST_HASHES = 1_024;

/** Hashes are whole numbers below this, so that JSON and JavaScript have all of them exactly. */
const HASHES = 2 ** 53;

/** What is summed up of one scope, in an hour or a day. */
export interface Sums {
  stored: number;
  deferred: number;
  used: number;
  released: number;
  refused: Record<string, number>;
  /** The least hashes of users, in their order; all of them if they are fewer than {@link MOST_HASHES}. */
  users: number[];
}

export const noSums = (): Sums => ({ stored: 0, deferred: 0, used: 0, released: 0, refused: {}, users: [] });

/** Adds the second to the first. */
export function add(to: Sums, more: Sums): void {
  to.stored += more.stored;
  to.deferred += more.deferred;
  to.used += more.used;
  to.released += more.released;
  for (const [code, count] of Object.entries(more.refused))
    to.refused[code] = (to.refused[code] ?? 0) + count;
  to.users = leastOf(to.users, more.users);
}

/** Of two lists in order, the least, each once. The least of both are among the least of each: nothing is lost. */
function leastOf(some: number[], others: number[]): number[] {
  if (some.length === 0 || others.length === 0) return some.length === 0 ? others : some;
  const least: number[] = [];
  for (let index = 0, other = 0; least.length < MOST_HASHES;) {
    const next = Math.min(some[index] ?? Infinity, others[other] ?? Infinity);
    if (next === Infinity) break;
    least.push(next);
    if (some[index] === next) index++;
    if (others[other] === next) other++;
  }
  return least;
}

export const statisticOf = (key: string, { stored, deferred, users, ...sums }: Sums): Statistic => ({
  key,
  issued: stored + deferred,
  used: sums.used,
  released: sums.released,
  refused: sums.refused,
  users: countOf(users),
});

/** Of hashes that fall evenly, the k least of n reach up to k / n of all (Bar-Yossef et al. 2002, "KMV"). */
function countOf(hashes: number[]): number {
  if (hashes.length < MOST_HASHES) return hashes.length;
  return Math.round(((MOST_HASHES - 1) * HASHES) / hashes[MOST_HASHES - 1]);
}
