import { describe, expect, it } from '@jest/globals';
import { RequestTokenUnavailableException } from '../common/exception.js';
import { StatementBounds } from '../database/statement-bounds.js';
import { RequestToken } from '../entities/request-token.entity.js';
import { ClaimQueue } from './claim-queue.js';
import type { SettlementQueue } from './settlement-queue.js';
import type { ClaimRequest, UsageStore } from './usage.store.js';

const REQUEST: ClaimRequest = { tokenId: 'token-00', moment: { earliest: new Date(), latest: new Date() } };

describe('ClaimQueue', () => {
  const claimed: ClaimRequest[] = [];
  const store = {
    claim: (requests: ClaimRequest[]) => {
      claimed.push(...requests);
      return Promise.resolve(requests.map(() => new RequestToken()));
    },
  } as unknown as UsageStore;

  it('claims no more uses as long as too many wait to be settled, and says 503', async () => {
    const settlements = { isFull: true };
    const queue = new ClaimQueue(store, settlements as SettlementQueue, new StatementBounds());
    await expect(queue.claim(REQUEST)).rejects.toBeInstanceOf(RequestTokenUnavailableException);
    expect(claimed).toEqual([]);
    settlements.isFull = false;
    expect(await queue.claim(REQUEST)).toBeInstanceOf(RequestToken);
  });

  it('says 503 to whoever comes when too many wait to be claimed', async () => {
    const queue = new ClaimQueue(store, { isFull: false } as SettlementQueue, new StatementBounds());
    const asked = Array.from({ length: 11_000 }, () => queue.claim(REQUEST));
    const results = await Promise.allSettled(asked);
    const sentAway = results.filter((result) => result.status === 'rejected');
    expect(sentAway.length).toBeGreaterThan(900);
    expect(sentAway.length).toBeLessThan(1_000);
    for (const { reason } of sentAway) expect(reason).toBeInstanceOf(RequestTokenUnavailableException);
  });
});
