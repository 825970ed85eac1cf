import { describe, expect, it } from '@jest/globals';
import { RequestToken } from '../entities/request-token.entity.js';
import { type IssuedToken, IssueManyError } from './issue.js';
import { issueMany } from './issue-many.js';

const BATCH = 3;

const sign = (n: number): Promise<IssuedToken> =>
  n < 0
    ? Promise.reject(new TypeError('negative'))
    : Promise.resolve({ token: new RequestToken(), jwt: String(n), url: '' });

const isDeferred = () => false;

/** Takes what is yielded until the end or a failure. */
async function collect(tokens: AsyncIterable<IssuedToken>) {
  const jwts: number[] = [];
  try {
    for await (const { jwt } of tokens) jwts.push(Number(jwt));
    return { jwts };
  } catch (error) {
    return { jwts, error };
  }
}

class Table {
  readonly batches: number[][] = [];
  failAt = Infinity;

  readonly write = async (batch: IssuedToken[]): Promise<void> => {
    await Promise.resolve();
    if (this.batches.length === this.failAt) throw new Error('disk full');
    if (batch.length > 0) this.batches.push(batch.map(({ jwt }) => Number(jwt)));
  };

  issue(options: Iterable<number> | AsyncIterable<number>) {
    return issueMany(options, { sign, write: this.write, isDeferred }, BATCH);
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('issueMany', () => {
  it.each([0, 1, 2, 3, 4, 6, 7])('issues %i in batches, and yields them in order', async (count) => {
    const table = new Table();
    expect(await collect(table.issue(upTo(count)))).toEqual({ jwts: upTo(count) });
    expect(table.batches.flat()).toEqual(upTo(count));
    expect(table.batches.every((batch) => batch.length <= BATCH)).toBe(true);
  });

  it('takes from its source only as much as is yielded, and some batches', async () => {
    let taken = 0;
    let yielded = 0;
    async function* source() {
      for (; taken < 100; taken++) yield await Promise.resolve(taken);
    }
    for await (const { jwt } of new Table().issue(source())) {
      yielded = Number(jwt) + 1;
      expect(taken - yielded).toBeLessThanOrEqual(3 * BATCH);
    }
    expect(yielded).toBe(100);
  });

  it('yields what is not written long before a large batch is full, and in its place', async () => {
    const steps = { sign, write: new Table().write, isDeferred: (n: number) => n < 200 };
    const taken: number[] = [];
    const yielded: number[] = [];
    function* source() {
      for (const n of upTo(500)) {
        taken.push(n);
        yield n;
      }
    }
    for await (const { jwt } of issueMany(source(), steps, 10_000)) {
      if (yielded.length === 0) expect(taken.length).toBeLessThanOrEqual(150);
      yielded.push(Number(jwt));
    }
    expect(yielded).toEqual(upTo(500));
  });

  it('signs what needs no promise at once, and in order with what does', async () => {
    const issued = (n: number) => ({ token: new RequestToken(), jwt: String(n), url: '' });
    const mixed = (n: number) => {
      if (n === 5) throw new TypeError('five');
      return n % 2 ? issued(n) : Promise.resolve(issued(n));
    };
    const table = new Table();
    const tokens = issueMany(upTo(7), { sign: mixed, write: table.write, isDeferred }, BATCH);
    expect(await collect(tokens)).toMatchObject({ jwts: upTo(5), error: { issued: 5 } });
    expect(table.batches.flat()).toEqual(upTo(5));
  });

  it('signs a batch while the one before it is written', async () => {
    const events: string[] = [];
    const tokens = issueMany(
      upTo(6),
      {
        isDeferred,
        sign: (n) => {
          events.push(`sign ${n}`);
          return sign(n);
        },
        write: async () => {
          events.push('write');
          await new Promise((resolve) => setTimeout(resolve, 20));
          events.push('written');
        },
      },
      BATCH,
    );
    await collect(tokens);
    expect(events.slice(3, 8)).toEqual(['write', 'sign 3', 'sign 4', 'sign 5', 'written']);
  });

  it('yields only what is written', async () => {
    const table = new Table();
    for await (const { jwt } of table.issue(upTo(10))) {
      expect(table.batches.flat()).toContain(Number(jwt));
    }
  });

  it('says how many are issued when the database fails, and those were yielded', async () => {
    const table = new Table();
    table.failAt = 2;
    const { jwts, error } = await collect(table.issue(upTo(10)));
    expect(error).toBeInstanceOf(IssueManyError);
    expect(error).toMatchObject({ issued: 6, cause: new Error('disk full') });
    expect(jwts).toEqual(upTo(6));
    expect(table.batches.flat()).toEqual(upTo(6));
  });

  it.each([0, 1, 2, 3, 4, 5])(
    'issues what comes before a bad option at %i, and nothing behind it',
    async (at) => {
      const table = new Table();
      const { jwts, error } = await collect(table.issue(upTo(9).map((n) => (n === at ? -1 : n))));
      expect(error).toMatchObject({ issued: at, cause: new TypeError('negative') });
      expect(jwts).toEqual(upTo(at));
      expect(table.batches.flat()).toEqual(upTo(at));
    },
  );

  it('issues what comes before its source fails', async () => {
    const table = new Table();
    function* source() {
      yield* upTo(4);
      throw new Error('cursor lost');
    }
    const { jwts, error } = await collect(table.issue(source()));
    expect(error).toMatchObject({ issued: 4, cause: new Error('cursor lost') });
    expect(jwts).toEqual(upTo(4));
  });

  it('stops with its consumer, closes its source, and leaves nothing being written', async () => {
    let isClosed = false;
    let writing = 0;
    function* source() {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        isClosed = true;
      }
    }
    const write = async () => {
      writing++;
      await new Promise((resolve) => setTimeout(resolve, 20));
      writing--;
    };
    for await (const { jwt } of issueMany(source(), { sign, write, isDeferred }, BATCH))
      if (jwt === '4') break;
    expect({ isClosed, writing }).toEqual({ isClosed: true, writing: 0 });
  });
});
