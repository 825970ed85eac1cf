import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, InternalServerErrorException, Req } from '@nestjs/common';
import {
  type IssueOptions,
  RequestToken,
  type RequestTokenRequest,
  UseRequestToken,
} from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { attemptsIn, TestApp } from '../../support/test-app.js';

let broken = false;

@Controller()
class LinksController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp', direct: true })
  rsvp() {
    if (broken) throw new InternalServerErrorException();
    return 'Welcome';
  }

  @Get('optional')
  @UseRequestToken({ scope: 'optional', direct: true, required: false })
  optional(@Req() { user, requestToken }: RequestTokenRequest) {
    return { user: user ?? null, useCount: requestToken?.useCount ?? null };
  }

  @All('sign-in')
  @UseRequestToken({ scope: 'sign-in', confirm: true, required: false })
  signIn(@Req() { user }: RequestTokenRequest) {
    return { user };
  }

  @All('unsubscribe')
  @UseRequestToken({ scope: 'unsubscribe', confirm: true })
  unsubscribe() {
    return 'Good-bye';
  }
}

const times = <Result>(count: number, make: (n: number) => Result): Result[] =>
  Array.from({ length: count }, (_, n) => make(n));

describe.each(ADAPTER_NAMES)('%s: A deferred token', (adapter) => {
  const defaults = { deferred: true, expiresIn: '1h' } as const;
  let app: TestApp;
  /** Whom it was that logged in. */
  let loggedIn: unknown[] = [];
  let isSessionStoreDown = false;
  const sessions = {
    logIn: (_: unknown, user: object): Promise<void> => {
      if (isSessionStoreDown) return Promise.reject(new Error('no session store'));
      loggedIn.push(user);
      return Promise.resolve();
    },
  };
  beforeAll(async () => {
    app = await TestApp.start({ adapter, controllers: [LinksController], token: { defaults, sessions } });
  });
  afterAll(() => app.close());
  afterEach(() => {
    broken = false;
    isSessionStoreDown = false;
    loggedIn = [];
  });

  const isWritten = async (id: string) => (await app.dataSource.manager.countBy(RequestToken, { id })) === 1;

  describe('that logs its user in', () => {
    const issue = (options: Partial<IssueOptions> = {}) =>
      app.tokens.issue({ user: 7, scope: 'sign-in', target: '/sign-in', loginMode: 'session', ...options });

    it('ends as a session does, not as the defaults say', async () => {
      const { token } = await issue();
      expect(Number(token.expiresAt) - Number(token.issuedAt)).toBeLessThanOrEqual(601_000);
    });

    it('does so once, however often its button is pressed at the same time', async () => {
      const { url, token } = await issue();
      const link = new URL(url);
      const post = () => app.http.post(link.pathname + link.search).then(({ status }) => status);
      const statuses = await Promise.all(times(16, post));
      expect(statuses.filter((status) => status === 303)).toHaveLength(1);
      expect(statuses.filter((status) => status === 403)).toHaveLength(15);
      expect(loggedIn).toEqual([{ id: '7' }]);
      expect(await app.row(token.id)).toMatchObject({ useCount: 1, loginMode: 'session', userId: '7' });
    });

    it('gives the use back that wrote its row, when nobody was logged in', async () => {
      const issued = await issue();
      isSessionStoreDown = true;
      expect((await app.kit.click(issued)).status).toBeGreaterThanOrEqual(500);
      await app.kit.settled();
      expect({ isWritten: await isWritten(issued.token.id), uses: await app.uses(issued.token.id) }).toEqual({
        isWritten: true,
        uses: 0,
      });
      isSessionStoreDown = false;
      expect(await app.kit.click(issued)).toMatchObject({ status: 303 });
      expect(loggedIn).toEqual([{ id: '7' }]);
    });
  });

  it('where none is required, is used if there is one, and refused if it is bad', async () => {
    const { jwt, token } = await app.tokens.issue({ user: 7, scope: 'optional' });
    const open = (rt?: string) => app.http.get('/optional').query(rt === undefined ? {} : { rt });
    await open().expect(200, { user: null, useCount: null });
    await open(`${jwt}x`).expect(403);
    expect(await isWritten(token.id)).toBe(false);
    await open(jwt).expect(200, { user: { id: '7' }, useCount: 1 });
    expect((await open(jwt).expect(403)).body).toMatchObject({ code: 'token_exhausted' });
  });

  it('of the kit is scanned, clicked and logged as every other', async () => {
    const link = await app.kit.link(LinksController, 'unsubscribe', { user: 7, maxUses: 2 });
    expect(link.token.deferredUntil).not.toBeNull();
    expect(await app.kit.scan(link)).toEqual({ head: 200, get: 200, browser: 200, prefetch: 503 });
    expect(await app.kit.log(link)).toEqual([]);
    expect(await isWritten(link.token.id)).toBe(false);
    expect(await app.kit.click(link)).toMatchObject({ status: 200, text: 'Good-bye' });
    expect(await app.kit.click(link.url)).toMatchObject({ status: 200 });
    expect(await app.kit.click(link)).toMatchObject({ status: 403 });
    expect((await app.kit.log(link)).map(({ outcome }) => outcome)).toEqual([
      'used',
      'used',
      'token_exhausted',
    ]);
  });

  it('is unsubscribed from by a mail program, whose POST is its first use, and may be repeated', async () => {
    const issued = await app.tokens.issue({ scope: 'unsubscribe', target: '/unsubscribe', maxUses: null });
    const { 'List-Unsubscribe': header } = app.tokens.listUnsubscribe(issued);
    const { pathname, search } = new URL(header.slice(1, -1));
    const post = () =>
      app.http
        .post(pathname + search)
        .type('form')
        .send('List-Unsubscribe=One-Click')
        .expect(200);
    await Promise.all(times(5, post));
    await app.kit.settled();
    expect(await app.uses(issued.token.id)).toBe(5);
  });

  it('is used by those who wait for a transaction that then gives its first use up', async () => {
    const { jwt, token } = await app.tokens.issue({ scope: 'rsvp', maxUses: 1 });
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      await app.tokens.redeem(jwt, { manager: runner.manager });
      const open = () =>
        app.http
          .get('/rsvp')
          .query({ rt: jwt })
          .then(({ status }) => status);
      const waiting = Promise.all(times(4, open));
      await runner.rollbackTransaction();
      expect((await waiting).sort()).toEqual([200, 403, 403, 403]);
    } finally {
      await runner.release();
    }
    await app.kit.settled();
    expect(await app.row(token.id)).toMatchObject({ useCount: 1 });
    expect(attemptsIn(await app.logs(token.id))).toBe(4);
  });

  it('keeps what a savepoint keeps, and no more', async () => {
    const { jwt, token } = await app.tokens.issue({ scope: 'rsvp', maxUses: 2 });
    await app.dataSource.transaction(async (manager) => {
      const undone = manager.transaction(async (inner) => {
        await app.tokens.redeem(jwt, { manager: inner });
        throw new Error('changed my mind');
      });
      await expect(undone).rejects.toThrow('changed my mind');
      expect(await app.tokens.redeem(jwt, { manager })).toMatchObject({ useCount: 1 });
    });
    expect(await app.row(token.id)).toMatchObject({ useCount: 1 });
    expect(await app.logs(token.id)).toHaveLength(1);
  });
});

describe.each(ADAPTER_NAMES)('%s: Where nothing is logged, a deferred token', (adapter) => {
  let app: TestApp;
  beforeAll(async () => {
    const defaults = { deferred: true, expiresIn: '1h' } as const;
    app = await TestApp.start({ adapter, controllers: [LinksController], token: { defaults, logs: false } });
  });
  afterAll(() => app.close());

  it('is used as often as it may be, by all who try at once', async () => {
    const { url, token } = await app.tokens.issue({ scope: 'rsvp', target: '/rsvp', maxUses: 3 });
    const statuses = await Promise.all(times(32, () => app.get(url).then(({ status }) => status)));
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    await app.kit.settled();
    expect(await app.uses(token.id)).toBe(3);
    expect(await app.logs(token.id)).toEqual([]);
  });

  it('gives a use back whose answer was a failure, and redeems as ever', async () => {
    const { url, jwt, token } = await app.tokens.issue({ scope: 'rsvp', target: '/rsvp' });
    broken = true;
    try {
      await app.get(url).expect(500);
    } finally {
      broken = false;
    }
    await app.kit.settled();
    expect(await app.uses(token.id)).toBe(0);
    expect(await app.tokens.redeem(jwt)).toMatchObject({ id: token.id, useCount: 1 });
    await app.get(url).expect(403);
  });
});
