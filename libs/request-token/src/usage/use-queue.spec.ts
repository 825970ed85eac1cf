import { describe, expect, it } from '@jest/globals';
import { RequestTokenUnavailableException } from '../common/exception.js';
import { StatementBounds } from '../database/statement-bounds.js';
import { RequestToken } from '../entities/request-token.entity.js';
import type { SettlementQueue } from './settlement-queue.js';
import type { UsageStore } from './usage.store.js';
import { UseQueue } from './use-queue.js';
import type { WantedUse } from './uses.js';

const USE: WantedUse = { tokenId: 'token-00', moment: { earliest: new Date(), latest: new Date() } };

describe('UseQueue', () => {
  const taken: WantedUse[] = [];
  const store = {
    takeUses: (uses: WantedUse[]) => {
      taken.push(...uses);
      return Promise.resolve(uses.map(() => new RequestToken()));
    },
  } as unknown as UsageStore;

  it('takes no more uses as long as too many wait to be settled, and says 503', async () => {
    const settlements = { isFull: true };
    const queue = new UseQueue(store, settlements as SettlementQueue, new StatementBounds());
    await expect(queue.take(USE)).rejects.toBeInstanceOf(RequestTokenUnavailableException);
    expect(taken).toEqual([]);
    settlements.isFull = false;
    expect(await queue.take(USE)).toBeInstanceOf(RequestToken);
  });

  it.each([
    ['takes the use of a token that was not usable each time that it tried, and was each time it looked', 3],
    ['says 503 if that goes on', Infinity],
  ])('%s', async (_, tries) => {
    let tried = 0;
    const changing = {
      takeUses: () => Promise.resolve([(tried += 1) < tries ? undefined : new RequestToken()]),
      find: () => Promise.resolve([new RequestToken()]),
    } as unknown as UsageStore;
    const queue = new UseQueue(changing, { isFull: false } as SettlementQueue, new StatementBounds());
    const answer = await queue.take(USE).catch((error: unknown) => error);
    expect(answer).toBeInstanceOf(tries === Infinity ? RequestTokenUnavailableException : RequestToken);
  });

  it('says 503 to whoever comes when too many wait to be taken', async () => {
    const queue = new UseQueue(store, { isFull: false } as SettlementQueue, new StatementBounds());
    const asked = Array.from({ length: 11_000 }, () => queue.take(USE));
    const results = await Promise.allSettled(asked);
    const sentAway = results.filter((result) => result.status === 'rejected');
    expect(sentAway.length).toBeGreaterThan(900);
    expect(sentAway.length).toBeLessThan(1_000);
    for (const { reason } of sentAway) expect(reason).toBeInstanceOf(RequestTokenUnavailableException);
  });
});
