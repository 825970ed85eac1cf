import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { QueryFailedError } from 'typeorm';
import { SettlementQueue } from './settlement-queue.js';
import type { UsageStore } from './usage.store.js';
import type { Settlement, TakenUse } from './uses.js';

type UseSettlement = TakenUse & Settlement;

const settlementOf = (n: number): UseSettlement => ({
  ...{ tokenId: `token-${n}0`, logId: `log-${n}` },
  ...{ outcome: 'released', statusCode: 500, durationMs: 7 },
});

/** A database whose connections are lost as long as it is away. */
class Database {
  isAway = false;
  attempts = 0;
  readonly settled: UseSettlement[] = [];

  readonly settle: UsageStore['settle'] = async (settlements) => {
    this.attempts++;
    await Promise.resolve();
    if (this.isAway) throw new QueryFailedError('', [], new Error('Connection terminated unexpectedly'));
    this.settled.push(...settlements);
    return settlements.map(() => true);
  };
}

describe('SettlementQueue', () => {
  let database: Database;
  let queue: SettlementQueue;
  beforeEach(() => {
    Logger.overrideLogger(false);
    database = new Database();
    queue = new SettlementQueue(database as unknown as UsageStore);
  });
  afterEach(() => queue.close());

  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('tries again until the database has everything, once each', async () => {
    database.isAway = true;
    const settlements = [1, 2, 3].map((n) => settlementOf(n));
    for (const settlement of settlements) queue.add(settlement);
    await until(() => database.attempts >= 2);
    expect(database.settled).toEqual([]);
    database.isAway = false;
    await queue.settled();
    expect(database.settled).toEqual(settlements);
  });

  it('says when so much waits that no more uses should be taken', async () => {
    database.isAway = true;
    for (let n = 0; n < 9_999; n++) queue.add(settlementOf(n));
    expect(queue.isFull).toBe(false);
    queue.add(settlementOf(9_999));
    expect(queue.isFull).toBe(true);
    database.isAway = false;
    await queue.settled();
    expect(queue.isFull).toBe(false);
    expect(database.settled).toHaveLength(10_000);
  });

  it('does not repeat what could give a use back twice', async () => {
    database.isAway = true;
    queue.add({ ...settlementOf(1), logId: undefined });
    await queue.settled();
    expect(database.attempts).toBe(1);
  });

  it('tries a last time when it is closed', async () => {
    database.isAway = true;
    queue.add(settlementOf(1));
    queue.add(settlementOf(2));
    await until(() => database.attempts === 1);
    database.isAway = false;
    queue.close();
    await queue.settled();
    expect(database.settled).toHaveLength(2);
  });

  it('gives up after that', async () => {
    database.isAway = true;
    queue.add(settlementOf(1));
    await until(() => database.attempts === 1);
    queue.close();
    await queue.settled();
    expect(database.attempts).toBe(2);
  });
});
