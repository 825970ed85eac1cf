import { describe, expect, it } from '@jest/globals';
import { deadlineIn } from './deadline.js';
import { LockLanes } from './lock-lanes.js';

describe('LockLanes', () => {
  it('keep those who wait for the lock on one token apart from those who wait for another', async () => {
    let unlock!: () => void;
    const unlocked = new Promise<void>((resolve) => (unlock = resolve));
    const runs: string[][] = [];
    const lanes = new LockLanes<{ tokenId: string }, string>(
      async (items) => {
        const ids = items.map(({ tokenId }) => tokenId);
        runs.push(ids);
        if (ids.includes('locked-00')) await unlocked;
        return ids;
      },
      { maxSize: 10, maxWaiting: 10 },
    );
    const locked = lanes.add({ tokenId: 'locked-00' }, deadlineIn(60_000));
    expect(await lanes.add({ tokenId: 'free-01' }, deadlineIn(60_000))).toBe('free-01');
    const behind = lanes.add({ tokenId: 'also-00' }, deadlineIn(60_000));
    expect(runs).toEqual([['locked-00'], ['free-01']]);
    unlock();
    expect(await Promise.all([locked, behind])).toEqual(['locked-00', 'also-00']);
  });
});
