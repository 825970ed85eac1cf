import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { deadlineIn, TooLate } from './deadline.js';
import { TooManyWaiting } from './grouping.js';
import { LockLanes } from './lock-lanes.js';

describe('LockLanes', () => {
  let lanes: LockLanes<{ tokenId: string }, string>;
  /** The tokens of each statement, one letter each. */
  let runs: string[];
  let unlock: Map<string, () => void>;
  beforeEach(() => {
    runs = [];
    unlock = new Map();
    lanes = new LockLanes(
      async (items) => {
        const ids = items.map(({ tokenId }) => tokenId);
        runs.push(ids.join(''));
        for (const id of new Set(ids.filter((each) => each === each.toUpperCase())))
          await new Promise<void>((resolve) => unlock.set(id, resolve));
        return ids;
      },
      { maxSize: 3, maxWaiting: 5 },
    );
  });

  /** Capital letters are tokens that somebody has locked. */
  const ask = (tokenIds: string, milliseconds = 60_000) =>
    Promise.all(Array.from(tokenIds, (tokenId) => lanes.add({ tokenId }, deadlineIn(milliseconds))));

  it('never lock a token while they wait for another: each statement is about one', async () => {
    const locked = ask('A');
    const behind = ask('AbAcb');
    await nextTurn();
    expect(runs).toEqual(['A', 'b', 'c', 'b']);
    unlock.get('A')!();
    expect(await locked).toEqual(['A']);
    expect(runs).toEqual(['A', 'b', 'c', 'b', 'AA']);
    unlock.get('A')!();
    expect(await behind).toEqual(['A', 'b', 'A', 'c', 'b']);
  });

  it('wait for a token with one statement, whatever else waits for it, so that others have their turn', async () => {
    const locked = ask('AAAA');
    expect(await ask('b')).toEqual(['b']);
    expect(runs).toEqual(['A', 'b']);
    unlock.get('A')!();
    await nextTurn();
    expect(runs).toEqual(['A', 'b', 'AAA']);
    unlock.get('A')!();
    expect(await locked).toHaveLength(4);
  });

  it('have four statements under way at most, and then the token that waits for longest has its turn', async () => {
    const locked = ask('ABCD');
    const behind = ask('ef');
    await nextTurn();
    expect(runs).toEqual(['A', 'B', 'C', 'D']);
    unlock.get('C')!();
    expect(await behind).toEqual(['e', 'f']);
    expect(runs.slice(4)).toEqual(['e', 'f']);
    for (const id of 'ABD') unlock.get(id)!();
    expect(await locked).toEqual(['A', 'B', 'C', 'D']);
  });

  it('send away whoever comes when too many wait, and whose turn does not come in time', async () => {
    const locked = ask('A');
    const late = Promise.allSettled(
      Array.from('AAAAA', (tokenId) => lanes.add({ tokenId }, deadlineIn(200))),
    );
    await expect(ask('A')).rejects.toThrow(TooManyWaiting);
    for (const each of await late) expect(each).toMatchObject({ reason: expect.any(TooLate) });
    unlock.get('A')!();
    await locked;
    expect(runs).toEqual(['A']);
  });
});
