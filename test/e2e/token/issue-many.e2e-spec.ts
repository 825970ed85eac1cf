import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import {
  type IssuedToken,
  IssueManyError,
  type IssueOptions,
  RequestToken,
  UseRequestToken,
} from 'nestjs-request-token';
import { QueryCounter } from '../../support/query-counter.js';
import { TestApp } from '../../support/test-app.js';

@Controller()
class RsvpController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {}
}

describe('issueMany', () => {
  const counter = new QueryCounter();
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ controllers: [RsvpController], dataSource: counter.dataSource });
  });
  afterAll(() => app.close());

  async function collect(tokens: AsyncIterable<IssuedToken>): Promise<IssuedToken[]> {
    const collected: IssuedToken[] = [];
    for await (const issued of tokens) collected.push(issued);
    return collected;
  }

  it('issues what issue would, from an async iterable, in order, with one round trip for each batch', async () => {
    const notBefore = new Date(Date.now() - 1_000);
    const expiresAt = new Date(Date.now() + 60_000);
    async function* readers(): AsyncGenerator<IssueOptions> {
      for (let n = 0; n < 250; n++) {
        yield await Promise.resolve({
          ...{
            user: `reader ${n}, "quoted" \\ {and} NULL`,
            scope: 'rsvp',
            target: `/rsvp?n=${n}`,
            data: { n, text: 'ä"\\' },
          },
          ...(n % 2 === 0 && { notBefore, expiresAt, maxUses: null }),
        });
      }
    }
    counter.queries = [];
    const issued = await collect(app.tokens.issueMany(readers(), { batchSize: 100 }));
    expect(counter.queries).toHaveLength(3);
    expect(issued.map(({ token }) => token.data.n)).toEqual(Array.from({ length: 250 }, (_, n) => n));
    for (const { token } of issued.slice(98, 102)) expect(await app.row(token.id)).toEqual(token);
    await app.get(issued[249].url).expect(200);
    await app.get(issued[249].url).expect(403);
    await app.get(issued[248].url).expect(200);
    await app.get(issued[248].url).expect(200);
  });

  it('writes inside the transaction that it is given', async () => {
    const issued: IssuedToken[] = [];
    const failed = app.dataSource.transaction(async (manager) => {
      const options = Array.from({ length: 5 }, () => ({ scope: 'rsvp' }));
      issued.push(...(await collect(app.tokens.issueMany(options, { manager, batchSize: 2 }))));
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    expect(issued).toHaveLength(5);
    expect(
      await app.dataSource.manager.findBy(
        RequestToken,
        issued.map(({ token: { id } }) => ({ id })),
      ),
    ).toEqual([]);
  });

  it('says how many are issued when the database refuses a batch', async () => {
    await app.dataSource.query(`ALTER TABLE request_token ADD CONSTRAINT nobody CHECK (user_id <> 'nobody')`);
    const users = ['ann', 'bob', 'cid', 'dan', 'nobody', 'eve'];
    const issued: IssuedToken[] = [];
    const failure = await (async () => {
      for await (const each of app.tokens.issueMany(
        users.map((user) => ({ user, scope: 'vip' })),
        { batchSize: 2 },
      )) {
        issued.push(each);
      }
    })().catch((error: unknown) => error);
    await app.dataSource.query('ALTER TABLE request_token DROP CONSTRAINT nobody');
    expect(failure).toBeInstanceOf(IssueManyError);
    expect(failure).toMatchObject({ issued: 4 });
    const rows = await app.dataSource.manager.findBy(RequestToken, { scope: 'vip' });
    expect(rows.map(({ id }) => id).sort()).toEqual(issued.map(({ token }) => token.id).sort());
  });

  it('takes any time that issue does, and so that PostgreSQL can store', async () => {
    const dates = ['+010000-01-01T00:00:00.001Z', '+275760-09-13T00:00:00.000Z', '9999-12-31T23:59:59.999Z'];
    const options = dates.map((date) => ({
      scope: 'far',
      expiresAt: new Date(date),
      notBefore: new Date(0),
    }));
    const early = { scope: 'far', notBefore: new Date('-000043-03-15T00:00:00.000Z') };
    const many = await collect(app.tokens.issueMany([...options, early]));
    const single = await Promise.all([...options, early].map((each) => app.tokens.issue(each)));
    for (const { token, jwt } of [...many, ...single]) {
      expect((await app.tokens.inspect(jwt)).token).toEqual(token);
    }
    expect(many.map(({ token }) => token.expiresAt?.toISOString())).toEqual([...dates, undefined]);
    const tooEarly = { scope: 'far', notBefore: new Date('-004713-11-23T00:00:00.000Z') };
    await expect(app.tokens.issue(tooEarly)).rejects.toThrow(
      new TypeError('issue: notBefore must be a valid Date'),
    );
    await expect(collect(app.tokens.issueMany([tooEarly]))).rejects.toThrow(/notBefore must be a valid Date/);
  });

  it.each([[0], [1.5], [10_001], ['100' as unknown as number]])(
    'refuses %p as batchSize, at once',
    (batchSize) => {
      expect(() => app.tokens.issueMany([], { batchSize })).toThrow(TypeError);
    },
  );

  it.each([[undefined], [5], [{ scope: 'rsvp' }]])(
    'refuses %p instead of an iterable, at once',
    (options) => {
      expect(() => app.tokens.issueMany(options as never)).toThrow(/iterable/);
    },
  );

  it('tokens issued at the same time share an insert, and one that is refused harms no other', async () => {
    await app.dataSource.query(`ALTER TABLE request_token ADD CONSTRAINT nobody CHECK (user_id <> 'nobody')`);
    counter.queries = [];
    const results = await Promise.allSettled(
      Array.from({ length: 64 }, (_, n) =>
        app.tokens.issue({ user: n === 40 ? 'nobody' : `${n}`, scope: 'many' }),
      ),
    );
    await app.dataSource.query('ALTER TABLE request_token DROP CONSTRAINT nobody');
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(await app.dataSource.manager.countBy(RequestToken, { scope: 'many' })).toBe(63);
    counter.queries = [];
    await Promise.all(Array.from({ length: 64 }, () => app.tokens.issue({ scope: 'many' })));
    expect(counter.queries.length).toBeLessThan(5);
  });
});
