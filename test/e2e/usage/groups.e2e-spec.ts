import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, InternalServerErrorException } from '@nestjs/common';
import { CurrentRequestToken, RequestToken, UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { QueryCounter } from '../../support/query-counter.js';
import { TestApp } from '../../support/test-app.js';
import { waitFor } from '../../support/wait-for.js';

@Controller()
class RsvpController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp(@CurrentRequestToken() { useCount, data }: RequestToken) {
    return { useCount, data };
  }

  @Get('quiet')
  @UseRequestToken({ scope: 'rsvp', log: false })
  quiet() {}

  @Get('broken')
  @UseRequestToken({ scope: 'rsvp' })
  broken() {
    throw new InternalServerErrorException();
  }
}

describe.each(ADAPTER_NAMES)('%s: Requests at the same time', (adapter) => {
  const counter = new QueryCounter();
  let arrived = 0;
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      adapter,
      controllers: [RsvpController],
      dataSource: counter.dataSource,
      configure: (nest) =>
        nest.use((_request: unknown, _response: unknown, next: () => void) => {
          arrived++;
          next();
        }),
    });
  });
  afterAll(() => app.close());

  const issue = (options: { maxUses?: number | null; data?: Record<string, unknown> } = {}) =>
    app.tokens.issue({ scope: 'rsvp', ...options });
  const ask = (jwt: string, path = '/rsvp') => app.http.get(path).query({ rt: jwt });
  const times = <Result>(count: number, make: (n: number) => Result): Result[] =>
    Array.from({ length: count }, (_, n) => make(n));

  it('share statements: far fewer than there are uses, and each gets its own token', async () => {
    const issued = await Promise.all(times(60, (n) => issue({ data: { n } })));
    // Nothing of the table can be changed until all requests are there, however slowly they come.
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('LOCK TABLE request_token IN SHARE MODE');
    arrived = 0;
    counter.queries = [];
    const asked = Promise.all(issued.map(({ jwt }) => ask(jwt).expect(200)));
    await waitFor(
      () => arrived === 60 || undefined,
      () => 'requests',
    );
    await runner.commitTransaction();
    await runner.release();
    const answers = await asked;
    await app.kit.settled();
    expect(answers.map(({ body }) => body as unknown)).toEqual(
      times(60, (n) => ({ useCount: 1, data: { n } })),
    );
    expect(counter.queries.length).toBeLessThan(60);
  });

  it('get of one token exactly the uses that are left, each its own', async () => {
    const { jwt, token } = await issue({ maxUses: 5 });
    await ask(jwt).expect(200);
    const answers = await Promise.all(times(20, () => ask(jwt)));
    const accepted = answers.filter(({ status }) => status === 200);
    expect(accepted.map(({ body }) => body.useCount as number).sort()).toEqual([2, 3, 4, 5]);
    expect(answers.filter(({ body }) => body.code === 'token_exhausted')).toHaveLength(16);
    expect((await app.row(token.id)).useCount).toBe(5);
  });

  it('do not suffer from refused neighbours, and each refusal has its own reason', async () => {
    const [good, usedUp, revoked, expired, early, deleted] = await Promise.all(
      times(6, () => issue({ maxUses: 1 })),
    );
    const change = (id: string, row: Partial<RequestToken>) =>
      app.dataSource.manager.update(RequestToken, { id }, row as object);
    await ask(usedUp.jwt).expect(200);
    await app.tokens.revoke(revoked.token.id);
    await change(expired.token.id, { expiresAt: new Date(0) });
    await change(early.token.id, { notBefore: new Date(Date.now() + 60_000) });
    await app.dataSource.manager.delete(RequestToken, { id: deleted.token.id });
    const all = [usedUp, revoked, good, expired, early, deleted];
    const answers = await Promise.all(all.map(({ jwt }) => ask(jwt)));
    expect(answers.map(({ status, body }) => (body.code ?? status) as unknown)).toEqual([
      ...['token_exhausted', 'token_revoked', 200, 'token_expired', 'token_not_yet_valid', 'token_unknown'],
    ]);
  });

  it('are counted whether they are logged or not', async () => {
    const { jwt, token } = await issue({ maxUses: 10 });
    await Promise.all(times(5, () => [ask(jwt).expect(200), ask(jwt, '/quiet').expect(200)]).flat());
    expect(await app.settledLogs(token.id, 5)).toHaveLength(5);
    expect((await app.row(token.id)).useCount).toBe(10);
  });

  it('give back exactly what they took when their handlers fail', async () => {
    const issued = await Promise.all(times(10, () => issue({ maxUses: 3 })));
    await Promise.all(issued.flatMap(({ jwt }) => [ask(jwt, '/broken'), ask(jwt), ask(jwt, '/broken')]));
    await app.kit.settled();
    for (const { token } of issued) {
      expect((await app.row(token.id)).useCount).toBe(1);
      const outcomes = (await app.logs(token.id)).map(({ outcome }) => outcome);
      expect(outcomes.sort()).toEqual(['released', 'released', 'used']);
    }
  });

  it('do not wait while another transaction holds a token that is none of theirs', async () => {
    const [held, free] = await Promise.all([issue(), issue()]);
    let isAnswered = false;
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT FROM request_token WHERE id = $1 FOR UPDATE', [held.token.id]);
    const waiting = ask(held.jwt).then(({ status }) => {
      isAnswered = true;
      return status;
    });
    await Promise.all([ask(free.jwt).expect(200), ask(free.jwt), ask(free.jwt)]);
    const later = await Promise.all(times(5, () => issue()));
    for (const { jwt } of later) await ask(jwt).expect(200);
    expect(isAnswered).toBe(false);
    await runner.commitTransaction();
    await runner.release();
    expect(await waiting).toBe(200);
  });

  it('do not wait for it either when they had to wait for a token of their own before', async () => {
    const issued = await Promise.all(times(20, () => issue()));
    const held = issued.splice(10, 1)[0];
    const lock = async (ids: string[]) => {
      const runner = app.dataSource.createQueryRunner();
      await runner.startTransaction();
      await runner.query('SELECT FROM request_token WHERE id = ANY ($1) FOR UPDATE', [ids]);
      return runner;
    };
    const long = await lock([held.token.id]);
    const short = await lock(issued.map(({ token }) => token.id));
    counter.queries = [];
    const waiting = ask(held.jwt).then(({ status }) => status);
    const answers = issued.map(({ jwt }) => ask(jwt).then(({ status }) => status));
    await waitFor(
      () => counter.queries.filter((query) => / FOR NO KEY UPDATE\s*\)/.test(query)).length >= 4 || undefined,
      () => 'statements that wait for locks',
    );
    await short.commitTransaction();
    await short.release();
    expect(await Promise.all(answers)).toEqual(issued.map(() => 200));
    await long.commitTransaction();
    await long.release();
    expect(await waiting).toBe(200);
  });

  it('see what that transaction made of the token', async () => {
    const held = await issue();
    const waiting = app.dataSource.transaction(async (manager) => {
      await app.tokens.redeem(held.jwt, { scope: 'rsvp', manager });
      const answer = ask(held.jwt);
      const status = answer.then(({ body }) => body.code as unknown);
      await ask((await issue()).jwt).expect(200);
      return { status };
    });
    expect(await (await waiting).status).toBe('token_exhausted');
  });

  it('are prepared once for each connection', async () => {
    await ask((await issue()).jwt).expect(200);
    await app.kit.settled();
    const runners = times(10, () => app.dataSource.createQueryRunner());
    const prepared = await Promise.all(
      runners.map((runner) =>
        runner.query(`SELECT name FROM pg_prepared_statements WHERE name LIKE 'request_token_%'`),
      ),
    );
    await Promise.all(runners.map((runner) => runner.release()));
    expect(prepared.flat()).not.toEqual([]);
  });

  it('go on when connections lose their prepared statements, as behind a pooler', async () => {
    const atOnce = () => Promise.all(times(10, () => app.tokens.releasePending({ olderThan: '1h' })));
    await atOnce();
    const runners = times(10, () => app.dataSource.createQueryRunner());
    await Promise.all(runners.map((runner) => runner.query('DISCARD ALL')));
    await Promise.all(runners.map((runner) => runner.release()));
    await atOnce();
    const issued = await Promise.all(times(10, () => issue()));
    await Promise.all(issued.map(({ jwt }) => ask(jwt).expect(200)));
    await app.kit.settled();
    for (const { token } of issued) expect(await app.logs(token.id)).toMatchObject([{ outcome: 'used' }]);
  });
});
