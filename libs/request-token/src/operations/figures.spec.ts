import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { add, MOST_HASHES, noSums, statisticOf } from './figures.js';

const hashes = (size: number) => fc.uniqueArray(fc.integer({ min: 0, max: 3_000 }), { maxLength: size });
const inOrder = (numbers: number[]) => [...numbers].sort((one, other) => one - other);

describe('The users of several hours', () => {
  it('are those of any of them, each once, or the least', () => {
    fc.assert(
      fc.property(fc.array(hashes(1_500), { maxLength: 4 }), (hours) => {
        const sums = noSums();
        for (const users of hours) add(sums, { ...noSums(), users: inOrder(users).slice(0, MOST_HASHES) });
        expect(sums.users).toEqual(inOrder([...new Set(hours.flat())]).slice(0, MOST_HASHES));
      }),
    );
  });

  it('are counted while all of them are known', () => {
    const users = Array.from({ length: MOST_HASHES - 1 }, (_, n) => n);
    expect(statisticOf('day', { ...noSums(), users }).users).toBe(MOST_HASHES - 1);
  });
});
