import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import {
  CurrentRequestToken,
  type IssueOptions,
  RequestToken,
  RequestTokenErrorCode,
  UseRequestToken,
} from 'nestjs-request-token';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { QueryCounter } from '../../support/query-counter.js';
import { SECRET, TestApp } from '../../support/test-app.js';

@Controller()
class RsvpController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp', direct: true })
  rsvp(@CurrentRequestToken() { data }: RequestToken) {
    return data;
  }

  @Get('pages/:name')
  @UseRequestToken({ direct: true })
  page() {}
}

describe.each(['WIN1251', 'LATIN2'])('In a database of the encoding %s, a link works', (encoding) => {
  let app: TestApp;
  let database: TestDatabase;
  afterEach(async () => {
    await app.close();
    await database.drop();
  });

  const start = async () => {
    database = await createDatabase(encoding);
    app = await TestApp.start({ controllers: [RsvpController], databaseUrl: database.url });
  };

  it('whatever the user agent and the path contain, and so do the links beside it', async () => {
    await start();
    const agents = [
      'caf\u00e9',
      'Firefox',
      '\u00f0\u00fe\u00bf\u00a1\u00a2\u00a3\u00a5\u00a6\u00ae',
      '\u00ff\u00ee',
    ];
    const issued = await Promise.all(agents.map(() => app.tokens.issue({ scope: 'rsvp' })));
    const visit = ({ jwt }: { jwt: string }, n: number) =>
      app.http.get('/rsvp').query({ rt: jwt }).set('User-Agent', agents[n]);
    await Promise.all(issued.map((each, n) => visit(each, n).expect(200)));
    await Promise.all(issued.map((each, n) => visit(each, n).expect(403)));
    await app.kit.settled();
    const logs = await Promise.all(issued.map(({ token }) => app.logs(token.id)));
    expect(logs.map((rows) => rows.map(({ outcome }) => outcome).sort())).toEqual(
      agents.map(() => [RequestTokenErrorCode.token_exhausted, 'used']),
    );
    expect(logs[1].map(({ userAgent }) => userAgent)).toEqual(['Firefox', 'Firefox']);
    expect(logs[0][0].userAgent).toMatch(/^caf(\?|\u00e9)$/);
  });

  it('and issue says which character it cannot store, and stores nothing', async () => {
    await start();
    const rejected = await Promise.allSettled([
      app.tokens.issue({ scope: 'rsvp', data: { name: '日本' } }),
      app.tokens.issue({ scope: 'rsvp', data: { name: 'x' } }),
      app.tokens.issue({ scope: '日', target: '/rsvp' }),
    ]);
    expect(rejected.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
    for (const index of [0, 2])
      expect((rejected[index] as PromiseRejectedResult).reason).toMatchObject({
        name: 'TypeError',
        message: expect.stringContaining(`no character '日'`),
      });
    const many = app.tokens.issueMany([{ scope: 'rsvp', data: { name: '日本' } }, { scope: 'rsvp' }]);
    await expect(many.next()).rejects.toThrow(/no character '日'/);
    const [{ count }] = await app.dataSource.query<{ count: number }[]>(
      'SELECT count(*)::int FROM request_token',
    );
    expect(count).toBe(1);
    expect(await app.tokens.revoke({ scope: '日' })).toBe(0);
  });
});

describe.each(ADAPTER_NAMES)('%s: In a database in LATIN1, a deferred token', (adapter) => {
  const counter = new QueryCounter();
  let app: TestApp;
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase('LATIN1');
    app = await TestApp.start({
      adapter,
      controllers: [RsvpController],
      databaseUrl: database.url,
      dataSource: counter.dataSource,
    });
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const issue = (options: Partial<IssueOptions> = {}) =>
    app.tokens.issue({ scope: 'rsvp', deferred: true, expiresIn: '1h', maxUses: 3, ...options });

  it.each<[string, Partial<IssueOptions>]>([
    ['data', { data: { list: [{ name: 'é漢' }] } }],
    ['data', { data: { 漢: 1 } }],
    ['scope', { scope: '漢' }],
    ['user', { user: '漢' }],
  ])('is not issued if its %s has a character that the database lacks', async (name, options) => {
    const message = `issue: the encoding of the database has no character '漢'; ${name} must do without it, or the database be UTF8`;
    await expect(issue(options)).rejects.toThrow(new TypeError(message));
    const many = app.tokens.issueMany([{ scope: 'rsvp', deferred: true, expiresIn: '1h', ...options }]);
    await expect(many.next()).rejects.toThrow(message);
  });

  it('is issued with characters that the database has, used, and explained', async () => {
    const data = { 'naïve "\\': ['é', 'ÿ', '\u0001'] };
    const { jwt, token } = await issue({ user: 'Zoë', scope: 'rsvp', data });
    await app.http.head('/rsvp').query({ rt: jwt }).expect(200);
    await app.http.get('/rsvp').query({ rt: jwt }).expect(200, data);
    expect(await app.tokens.redeem(jwt, { scope: 'rsvp', user: 'Zoë' })).toEqual({ ...token, useCount: 2 });
    expect(await app.tokens.inspect(jwt)).toMatchObject({ usable: true, token: { userId: 'Zoë', data } });
  });

  it('may have any target, which is ASCII in every language', async () => {
    const { url } = await app.tokens.issue({ target: '/pages/漢', deferred: true, expiresIn: '1h' });
    await app.get(url).expect(200);
  });

  it('costs no round trip, once its characters are known', async () => {
    await issue({ data: { text: 'äöü' } });
    counter.queries = [];
    for (const text of ['ü', 'öä', 'plain']) await issue({ data: { text } });
    expect(counter.queries).toEqual([]);
  });

  it('that was issued elsewhere with such a character is refused, and fails none beside it', async () => {
    const good = await Promise.all(Array.from({ length: 8 }, () => issue()));
    const { jwt } = await issue({ data: { name: 'x' } });
    const { kid } = decodeProtectedHeader(jwt);
    const rt = await new SignJWT({ ...decodeJwt(jwt), dat: { name: '漢' } })
      .setProtectedHeader({ alg: 'HS256', kid, typ: 'request-token+jwt' })
      .sign(Buffer.from(SECRET));
    const open = (token: string) => app.http.get('/rsvp').query({ rt: token });
    const [bad, ...others] = await Promise.all([open(rt), ...good.map((each) => open(each.jwt))]);
    expect({ status: bad.status, ...bad.body }).toMatchObject({ status: 403, code: 'token_malformed' });
    expect(others.map(({ status }) => status)).toEqual(good.map(() => 200));
    const inside = app.dataSource.transaction((manager) => app.tokens.redeem(rt, { manager }));
    await expect(inside).rejects.toMatchObject({ code: 'token_malformed' });
    await app.http.head('/rsvp').query({ rt }).expect(403);
    expect(await app.tokens.inspect(rt)).toMatchObject({ usable: false, code: 'token_malformed' });
    expect(await app.tokens.revoke(rt)).toBe(1);
  });
});

describe('A deferred token keeps every character', () => {
  it.each(['UTF8', 'SQL_ASCII', 'EUC_JP'])('in a database in %s', async (encoding) => {
    const database = await createDatabase(encoding);
    const app = await TestApp.start({ controllers: [RsvpController], databaseUrl: database.url });
    try {
      const data = { 名: '漢字' };
      const options = { scope: '漢', target: '/pages/漢', user: '字', data };
      const { jwt, token } = await app.tokens.issue({ ...options, deferred: true, expiresIn: '1h' });
      expect(await app.tokens.redeem(jwt)).toEqual({ ...token, useCount: 1 });
      expect(await app.tokens.inspect(jwt)).toMatchObject({ token: { userId: '字', data } });
    } finally {
      await app.close();
      await database.drop();
    }
  });
});

describe('In UTF8', () => {
  it('a deferred token costs no round trip, whatever its characters', async () => {
    const counter = new QueryCounter();
    const app = await TestApp.start({ controllers: [RsvpController], dataSource: counter.dataSource });
    try {
      counter.queries = [];
      await app.tokens.issue({ scope: '漢', data: { 漢: '🦊' }, deferred: true, expiresIn: '1h' });
      expect(counter.queries).toEqual([]);
    } finally {
      await app.close();
    }
  });
});
