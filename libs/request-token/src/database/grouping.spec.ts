import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { Grouping, type GroupingOptions, TooManyWaiting } from './grouping.js';

/** Runs a group when it is told to. */
class Database {
  readonly groups: string[][] = [];
  private readonly ends: ((failure?: Error) => void)[] = [];

  readonly run = (items: string[]): Promise<string[]> => {
    this.groups.push(items);
    return new Promise((resolve, reject) =>
      this.ends.push((failure) => (failure ? reject(failure) : resolve(items.map((item) => `${item} done`)))),
    );
  };

  /** Ends the group that has been under way for longest, and lets the next one begin. */
  async end(failure?: Error): Promise<void> {
    this.ends.shift()?.(failure);
    await nextTurn();
    await nextTurn();
  }
}

const LIMITS = { maxSize: 3, maxWaiting: 5 };

const start = (options: Partial<GroupingOptions> = {}) => {
  const database = new Database();
  return { database, grouping: new Grouping(database.run, { ...LIMITS, ...options }) };
};

const refusedBy = (code: string) =>
  new QueryFailedError('', [], Object.assign(new Error('refused'), { code }));

describe('Grouping', () => {
  it('sends at once when nothing is under way, with whatever else comes in the same turn', async () => {
    const { database, grouping } = start();
    const results = [grouping.add('a'), grouping.add('b')];
    await nextTurn();
    expect(database.groups).toEqual([['a', 'b']]);
    await database.end();
    expect(await Promise.all(results)).toEqual(['a done', 'b done']);
  });

  it('gathers while a group is under way, and sends at most so many in one', async () => {
    const { database, grouping } = start();
    const results = [grouping.add('a')];
    await nextTurn();
    for (const item of ['b', 'c', 'd', 'e']) {
      results.push(grouping.add(item));
      await nextTurn();
    }
    expect(database.groups).toEqual([['a']]);
    await database.end();
    expect(database.groups).toEqual([['a'], ['b', 'c', 'd']]);
    await database.end();
    expect(database.groups).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
    await database.end();
    expect(await Promise.all(results)).toEqual(['a done', 'b done', 'c done', 'd done', 'e done']);
  });

  it('has at most so many groups under way as it may', async () => {
    const { database, grouping } = start({ maxInFlight: 2 });
    const results: Promise<string>[] = [];
    for (const item of ['a', 'b', 'c', 'd']) {
      results.push(grouping.add(item));
      await nextTurn();
    }
    expect(database.groups).toEqual([['a'], ['b']]);
    await database.end();
    expect(database.groups).toEqual([['a'], ['b'], ['c', 'd']]);
    await database.end();
    await database.end();
    expect(await Promise.all(results)).toEqual(['a done', 'b done', 'c done', 'd done']);
  });

  it('tells each item of a group that the group has failed, and goes on with the next', async () => {
    const { database, grouping } = start();
    const failed = [grouping.add('a'), grouping.add('b')].map((result) =>
      result.catch((error: unknown) => error),
    );
    await nextTurn();
    const next = grouping.add('c');
    const failure = new Error('connection lost');
    await database.end(failure);
    expect(await Promise.all(failed)).toEqual([failure, failure]);
    await database.end();
    expect(await next).toBe('c done');
  });

  it.each(['22P02', '23505', '44000', 'P0001'])(
    'sends each item alone when one of them has spoilt the group (SQLSTATE %s)',
    async (code) => {
      const { database, grouping } = start();
      const results = [grouping.add('a'), grouping.add('bad'), grouping.add('c')].map((result) =>
        result.catch((error: unknown) => error),
      );
      await nextTurn();
      const failure = refusedBy(code);
      await database.end(failure);
      await database.end();
      await database.end(failure);
      await database.end();
      expect(database.groups).toEqual([['a', 'bad', 'c'], ['a'], ['bad'], ['c']]);
      expect(await Promise.all(results)).toEqual(['a done', failure, 'c done']);
    },
  );

  it('sends away whoever comes when too many wait', async () => {
    const { database, grouping } = start();
    const results = ['a', 'b', 'c', 'd', 'e'].map((item) => grouping.add(item));
    await expect(grouping.add('f')).rejects.toBeInstanceOf(TooManyWaiting);
    await nextTurn();
    await database.end();
    await database.end();
    expect(await Promise.all(results)).toHaveLength(5);
  });
});
