import { describe, expect, it } from '@jest/globals';
import { Lanes, type Lock } from './lanes.js';

describe('Lanes', () => {
  it('keep those who wait for a lock apart from the others', async () => {
    let unlock!: () => void;
    const unlocked = new Promise<void>((resolve) => (unlock = resolve));
    const runs: [Lock, string[]][] = [];
    const lanes = new Lanes<{ tokenId: string }, string>(
      async (items, lock) => {
        runs.push([lock, items.map(({ tokenId }) => tokenId)]);
        if (lock === 'wait') await unlocked;
        return items.map(({ tokenId }) => tokenId);
      },
      { maxSize: 10, maxWaiting: 10 },
    );
    const waiting = [lanes.wait({ tokenId: 'locked-00' }), lanes.wait({ tokenId: 'locked-01' })];
    expect(await lanes.try({ tokenId: 'free-00' })).toBe('free-00');
    expect(await lanes.try({ tokenId: 'free-00' })).toBe('free-00');
    // Two tokens, two lanes: nor do these wait for each other.
    expect(runs).toEqual(
      expect.arrayContaining([
        ['wait', ['locked-00']],
        ['wait', ['locked-01']],
      ]),
    );
    unlock();
    expect(await Promise.all(waiting)).toEqual(['locked-00', 'locked-01']);
  });
});
