import { describe, expect, it } from '@jest/globals';
import { Lanes, type Lock, LOCKED } from './lanes.js';

describe('Lanes', () => {
  const item = (tokenId: string) => ({ tokenId });

  it('wait for a locked row apart, while others are done without waiting', async () => {
    let unlock!: () => void;
    const unlocked = new Promise<void>((resolve) => (unlock = resolve));
    const runs: [Lock, string[]][] = [];
    const lanes = new Lanes<{ tokenId: string }, string>(
      async (items, lock) => {
        runs.push([lock, items.map(({ tokenId }) => tokenId)]);
        if (lock === 'wait') await unlocked;
        return items.map(({ tokenId }) => (tokenId === 'locked-00' && lock === 'skip' ? LOCKED : tokenId));
      },
      { maxSize: 10, maxWaiting: 10 },
    );
    const [locked, free] = [lanes.add(item('locked-00')), lanes.add(item('free-00'))];
    expect(await free).toBe('free-00');
    expect(await lanes.add(item('next-00'))).toBe('next-00');
    expect(runs).toContainEqual(['wait', ['locked-00']]);
    unlock();
    expect(await locked).toBe('locked-00');
  });
});
