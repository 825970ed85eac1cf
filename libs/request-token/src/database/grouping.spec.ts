import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { type Deadline, deadlineIn, TooLate } from './deadline.js';
import { Grouping, type GroupingOptions, TooManyWaiting } from './grouping.js';

/** Many who ask for something, and a database that ends a group when it is told to. */
class Crowd {
  /** The groups in the order they were sent in, each as the letters of its items. */
  readonly groups: string[] = [];
  readonly deadlines: Deadline[] = [];
  /** What became of each item. */
  readonly outcomes: unknown[] = [];
  private readonly ends: ((failure?: Error) => void)[] = [];
  private readonly grouping: Grouping<string, string>;

  constructor(options: Partial<GroupingOptions> = {}) {
    const run = (items: string[], deadline: Deadline): Promise<string[]> => {
      this.groups.push(items.join(''));
      this.deadlines.push(deadline);
      return new Promise((resolve, reject) =>
        this.ends.push((failure) => (failure ? reject(failure) : resolve(items.map((item) => `${item}!`)))),
      );
    };
    this.grouping = new Grouping(run, { maxSize: 20, maxWaiting: 20, ...options });
  }

  /** Asks for an item for each letter, all in one turn of the event loop. */
  ask(letters: string, milliseconds = 60_000): void {
    for (const letter of letters) {
      void this.grouping.add(letter, deadlineIn(milliseconds)).then(
        (result) => this.outcomes.push(result),
        (error: unknown) => this.outcomes.push(error),
      );
    }
  }

  /** As {@link ask}, and waits until the turn is over. */
  async turn(letters: string): Promise<void> {
    this.ask(letters);
    await nextTurn();
  }

  pause(milliseconds: number): Promise<void> {
    return setTimeout(milliseconds);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.pause(5);
  }

  /** Ends the group that has been under way for longest. */
  async end(failure?: Error): Promise<void> {
    this.ends.shift()?.(failure);
    for (let turn = 0; turn < 4; turn++) await nextTurn();
  }
}

const refusedBy = (code: string) =>
  new QueryFailedError('', [], Object.assign(new Error('refused'), { code }));

describe('Grouping', () => {
  it('sends at once when nothing is under way', () => {
    const crowd = new Crowd();
    crowd.ask('a');
    expect(crowd.groups).toEqual(['a']);
  });

  it('gathers while a group is under way, and gives each item its result', async () => {
    const crowd = new Crowd();
    await crowd.turn('a');
    await crowd.turn('b');
    await crowd.turn('c');
    expect(crowd.groups).toEqual(['a']);
    await crowd.end();
    expect(crowd.groups).toEqual(['a', 'bc']);
    await crowd.end();
    expect(crowd.outcomes).toEqual(['a!', 'b!', 'c!']);
  });

  it('sends at most so many in one group', async () => {
    const crowd = new Crowd({ maxSize: 3 });
    await crowd.turn('abcdef');
    await crowd.end();
    await crowd.end();
    expect(crowd.groups).toEqual(['a', 'bcd', 'ef']);
  });

  it('waits a moment for those who were answered, so that few do not come apart', async () => {
    const crowd = new Crowd();
    await crowd.turn('a');
    await crowd.turn('bcd');
    await crowd.end();
    await crowd.end();
    crowd.ask('B');
    await crowd.turn('C');
    crowd.ask('D');
    expect(crowd.groups).toEqual(['a', 'bcd']);
    await nextTurn();
    expect(crowd.groups).toEqual(['a', 'bcd', 'BCD']);
  });

  it('does not wait for them when it was a single one', async () => {
    const crowd = new Crowd();
    await crowd.turn('a');
    await crowd.end();
    crowd.ask('b');
    expect(crowd.groups).toEqual(['a', 'b']);
  });

  it('lets many come apart: they do not wait for those who were answered', async () => {
    const crowd = new Crowd();
    await crowd.turn('a');
    await crowd.turn('bcdefghijklmnop');
    await crowd.end();
    await crowd.end();
    crowd.ask('B');
    await crowd.turn('CDEFGHIJKLMNOP');
    expect(crowd.groups).toEqual(['a', 'bcdefghijklmnop', 'B']);
    await crowd.end();
    expect(crowd.groups).toEqual(['a', 'bcdefghijklmnop', 'B', 'CDEFGHIJKLMNOP']);
  });

  it('sends another group beside the one under way once there is enough for it', async () => {
    const crowd = new Crowd({ maxInFlight: 2 });
    await crowd.turn('a');
    await crowd.turn('bcdefghijklmnop');
    expect(crowd.groups).toEqual(['a']);
    await crowd.turn('q');
    expect(crowd.groups).toEqual(['a', 'bcdefghijklmnopq']);
    await crowd.turn('BCDEFGHIJKLMNOPQ');
    expect(crowd.groups).toEqual(['a', 'bcdefghijklmnopq']);
    await crowd.end();
    expect(crowd.groups).toEqual(['a', 'bcdefghijklmnopq', 'BCDEFGHIJKLMNOPQ']);
  });

  it('tells each item of a group that the group has failed, and goes on with the next', async () => {
    const crowd = new Crowd();
    await crowd.turn('abc');
    await crowd.end();
    crowd.ask('d');
    const failure = new Error('connection lost');
    await crowd.end(failure);
    expect(crowd.outcomes).toEqual(['a!', failure, failure]);
    await crowd.end();
    expect(crowd.outcomes).toEqual(['a!', failure, failure, 'd!']);
  });

  it.each(['22P02', '23505', '44000', 'P0001'])(
    'sends each item alone when one of them has spoilt the group (SQLSTATE %s)',
    async (code) => {
      const crowd = new Crowd();
      await crowd.turn('abcd');
      await crowd.end();
      const failure = refusedBy(code);
      await crowd.end(failure);
      await crowd.end();
      await crowd.end(failure);
      await crowd.end();
      expect(crowd.groups).toEqual(['a', 'bcd', 'b', 'c', 'd']);
      expect(crowd.outcomes).toEqual(['a!', 'b!', failure, 'd!']);
    },
  );

  it('sends away whoever comes when too many wait', async () => {
    const crowd = new Crowd({ maxWaiting: 3 });
    await crowd.turn('abcde');
    expect(crowd.outcomes).toEqual([expect.any(TooManyWaiting)]);
    await crowd.end();
    await crowd.end();
    expect(crowd.outcomes.slice(1)).toEqual(['a!', 'b!', 'c!', 'd!']);
  });

  it('does not let those that wait be held back by a group that is slow, up to so many groups', async () => {
    const crowd = new Crowd({ maxWithSlow: 3 });
    await crowd.turn('a');
    await crowd.turn('bc');
    expect(crowd.groups).toEqual(['a']);
    await crowd.until(() => crowd.groups.length === 2);
    await crowd.turn('d');
    await crowd.until(() => crowd.groups.length === 3);
    await crowd.turn('ef');
    await crowd.pause(300);
    expect(crowd.groups).toEqual(['a', 'bc', 'd']);
    await crowd.end();
    expect(crowd.groups).toEqual(['a', 'bc', 'd', 'ef']);
    for (let group = 0; group < 3; group++) await crowd.end();
    expect(crowd.outcomes).toEqual(['a!', 'b!', 'c!', 'd!', 'e!', 'f!']);
  });

  it('sends away, in time, whose turn does not come in time, and serves the others', async () => {
    const crowd = new Crowd();
    await crowd.turn('a');
    crowd.ask('bc', 200);
    crowd.ask('d');
    await crowd.until(() => crowd.outcomes.length > 0);
    expect(crowd.outcomes).toEqual([expect.any(TooLate), expect.any(TooLate)]);
    await crowd.end();
    expect(crowd.groups).toEqual(['a', 'd']);
  });

  it('gives a group as much time as the first of its items has', async () => {
    const crowd = new Crowd();
    await crowd.turn('a');
    crowd.ask('b', 50_000);
    crowd.ask('c', 40_000);
    await crowd.end();
    expect(crowd.deadlines[1] - performance.now()).toBeGreaterThan(30_000);
    expect(crowd.deadlines[1] - performance.now()).toBeLessThanOrEqual(40_000);
  });
});
