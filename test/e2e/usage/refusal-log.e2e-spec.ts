import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { type IssuedToken, UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { QueryCounter } from '../../support/query-counter.js';
import { attemptsIn, TestApp } from '../../support/test-app.js';
import { waitFor } from '../../support/wait-for.js';

@Controller()
class RsvpController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp', direct: true })
  rsvp() {}

  @Get('other')
  @UseRequestToken({ scope: 'other', direct: true })
  other() {}
}

const times = <Result>(count: number, make: (n: number) => Result): Result[] =>
  Array.from({ length: count }, (_, n) => make(n));

describe.each(ADAPTER_NAMES)('%s: The log of refusals', (adapter) => {
  const counter = new QueryCounter();
  let app: TestApp;
  let neighbour: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ adapter, controllers: [RsvpController], dataSource: counter.dataSource });
    const databaseUrl = (app.dataSource.options as { url: string }).url;
    neighbour = await TestApp.start({ adapter, controllers: [RsvpController], databaseUrl });
  });
  afterAll(async () => {
    await neighbour.close();
    await app.close();
  });

  const usedUp = async () => {
    const issued = await app.tokens.issue({ scope: 'rsvp' });
    await app.http.get('/rsvp').query({ rt: issued.jwt }).expect(200);
    await app.kit.settled();
    return issued;
  };
  const refuse = (by: TestApp, { jwt }: IssuedToken, path = '/rsvp') =>
    by.http
      .get(path)
      .query({ rt: jwt })
      .set('User-Agent', by === app ? 'here' : 'there')
      .expect(403);
  const refusalsOf = async ({ token }: IssuedToken) => {
    await Promise.all([app.kit.settled(), neighbour.kit.settled()]);
    return (await app.logs(token.id)).filter(({ outcome }) => outcome !== 'used');
  };

  it('has one row for a token, a code and a minute, of any number of processes, which counts them', async () => {
    const issued = await usedUp();
    await refuse(app, issued);
    await app.kit.settled();
    const [first] = await refusalsOf(issued);
    expect(first).toMatchObject({
      outcome: 'token_exhausted',
      statusCode: 403,
      userAgent: 'here',
      repeats: 1,
    });

    await Promise.all(times(60, (n) => refuse(n % 2 ? app : neighbour, issued)));
    await Promise.all(times(5, () => refuse(app, issued, '/other')));
    const refusals = await refusalsOf(issued);
    const minutes = new Set(refusals.map(({ startedAt }) => Math.floor(startedAt.getTime() / 60_000)));
    expect(refusals.length).toBeLessThanOrEqual(2 * minutes.size);
    expect(attemptsIn(refusals)).toBe(66);
    const ofCode = (code: string) => attemptsIn(refusals.filter(({ outcome }) => outcome === code));
    expect(ofCode('token_scope_mismatch')).toBe(5);
    const [stillFirst] = refusals.sort((one, other) => one.startedAt.getTime() - other.startedAt.getTime());
    expect(stillFirst).toEqual({ ...first, repeats: stillFirst.repeats });
  });

  it('has another row in another minute', async () => {
    const issued = await usedUp();
    await refuse(app, issued);
    app.kit.clock.advance('1m');
    await refuse(app, issued);
    app.kit.clock.reset();
    expect(await refusalsOf(issued)).toMatchObject([{ repeats: 1 }, { repeats: 1 }]);
  });

  it('takes few statements for a flood', async () => {
    const issued = await usedUp();
    counter.queries = [];
    await Promise.all(times(300, () => refuse(app, issued)));
    await app.kit.settled();
    const written = counter.queries.filter(
      (query) => query.includes('INSERT INTO "request_token_log"') && query.includes('ON CONFLICT'),
    );
    expect(written.length).toBeLessThan(150);
    expect(attemptsIn(await refusalsOf(issued))).toBe(300);
  });

  it('leaves out what is about tokens that were deleted, and has the others', async () => {
    const issued = await Promise.all(times(10, () => usedUp()));
    const kept = issued.filter((_, n) => n % 2);
    const deleted = issued.filter((_, n) => n % 2 === 0);
    for (const { token } of deleted) {
      await app.dataSource.query('DELETE FROM request_token WHERE id = $1', [token.id]);
    }
    await Promise.all(issued.map((each) => refuse(app, each)));
    for (const each of kept) expect(await refusalsOf(each)).toMatchObject([{ outcome: 'token_exhausted' }]);
    for (const each of deleted) expect(await refusalsOf(each)).toEqual([]);
  });

  it('waits for a token that is just being deleted without keeping the others waiting', async () => {
    const [going, staying] = [await usedUp(), await usedUp()];
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('DELETE FROM request_token WHERE id = $1', [going.token.id]);
    await Promise.all([refuse(app, going, '/other'), refuse(app, staying)]);
    await waitFor(
      async () => (await app.logs(staying.token.id)).length === 2 || undefined,
      () => 'the other refusal to be logged',
    );
    await runner.commitTransaction();
    await runner.release();
    expect(await refusalsOf(going)).toEqual([]);
  });

  it('counts every refusal of a token that somebody has locked meanwhile', async () => {
    const issued = await usedUp();
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT FROM request_token WHERE id = $1 FOR UPDATE', [issued.token.id]);
    for (let n = 0; n < 10; n++) {
      counter.queries = [];
      await refuse(app, issued);
      // Each in a group of its own.
      await waitFor(
        () => counter.queries.some((query) => query.includes('ON CONFLICT')) || undefined,
        () => 'the refusal to be written',
      );
    }
    await runner.commitTransaction();
    await runner.release();
    expect(attemptsIn(await refusalsOf(issued))).toBe(10);
  });
});
