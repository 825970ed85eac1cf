import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, InternalServerErrorException, Req } from '@nestjs/common';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import {
  CurrentRequestToken,
  type IssuedToken,
  type IssueOptions,
  RequestToken,
  type RequestTokenRequest,
  RequestTokenRevocation,
  UseRequestToken,
} from 'nestjs-request-token';
import { v7 } from 'uuid';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { attemptsIn, pathOf, SECRET, TestApp } from '../../support/test-app.js';
import { User } from '../../support/user.entity.js';
import { waitFor } from '../../support/wait-for.js';

@Controller()
class LinksController {
  runs = 0;

  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp(@CurrentRequestToken() { id, useCount, data }: RequestToken) {
    this.runs++;
    return { id, useCount, data };
  }

  @Get('other')
  @UseRequestToken({ scope: 'other' })
  other() {}

  @Get('unlogged')
  @UseRequestToken({ scope: 'rsvp', log: false })
  unlogged() {}

  @Get('broken')
  @UseRequestToken({ scope: 'rsvp' })
  broken() {
    throw new InternalServerErrorException();
  }

  @Get('ignored')
  @UseRequestToken({ scope: 'rsvp', onInvalid: 'ignore' })
  ignored(@Req() { requestTokenError }: RequestTokenRequest) {
    return { code: requestTokenError?.code };
  }

  @All('unsubscribe')
  @UseRequestToken({ scope: 'unsubscribe', confirm: true })
  unsubscribe() {
    return 'Good-bye';
  }
}

const CONCURRENT = 64;

const times = <Result>(count: number, make: (n: number) => Result): Result[] =>
  Array.from({ length: count }, (_, n) => make(n));

describe.each(ADAPTER_NAMES)('%s: A deferred token', (adapter) => {
  let app: TestApp;
  let ann: User;
  let bob: User;
  beforeAll(async () => {
    app = await TestApp.start({
      adapter,
      controllers: [LinksController],
      entities: [User],
      token: { users: { entity: User } },
    });
    [ann, bob] = await app.dataSource.manager.save(User, [{ name: 'Ann' }, { name: 'Bob' }]);
  });
  afterAll(() => app.close());

  const issue = (options: Partial<IssueOptions> = {}) =>
    app.tokens.issue({ target: '/rsvp', scope: 'rsvp', deferred: true, expiresIn: '1h', ...options });
  const count = async (table: string) => {
    const [{ rows }] = await app.dataSource.query<{ rows: number }[]>(
      `SELECT count(*)::int AS rows FROM ${table}`,
    );
    return rows;
  };
  const counts = async () => [await count('request_token'), await count('request_token_log')];
  const codeOf = async (url: string) => {
    const { body } = await app.get(url).expect(403);
    return (body as { code: string }).code;
  };
  const codeOfRedeem = (jwt: string) =>
    app.tokens.redeem(jwt).then(
      () => undefined,
      ({ code }: { code: string }) => code,
    );

  it('is written by nothing but its use: not when it is issued, asked for, looked at, or shown', async () => {
    const before = await counts();
    const { url, jwt } = await issue();
    const confirm = await issue({ scope: 'unsubscribe', target: '/unsubscribe' });
    const many: IssuedToken[] = [];
    const items = times(3, () => ({ scope: 'rsvp', deferred: true, expiresIn: '1h' }) as const);
    for await (const issued of app.tokens.issueMany(items)) many.push(issued);
    await app.http.head(pathOf(url)).expect(200);
    await app.get(url).set('Sec-Purpose', 'prefetch').expect(503);
    await app.get(confirm.url).expect(200);
    await app.tokens.verify(jwt);
    await app.tokens.inspect(url);
    await app.kit.settled();
    expect(many).toHaveLength(3);
    expect(await counts()).toEqual(before);
  });

  it('gets the row that was foretold with its first use, and a log row', async () => {
    const notBefore = new Date(Date.now() - 1_700);
    const options = { user: ann, maxUses: 3, notBefore, data: { list: [7, 'ä'] } };
    const { url, token } = await issue(options);
    const { body } = await app.get(url).expect(200);
    expect(body).toEqual({ id: token.id, useCount: 1, data: { list: [7, 'ä'] } });
    expect(await app.row(token.id)).toEqual({ ...token, useCount: 1 });
    expect(await app.settledLogs(token.id)).toMatchObject([
      { outcome: 'used', statusCode: 200, userId: String(ann.id), path: '/rsvp' },
    ]);
  });

  it('is good for as many uses as it has, and then exhausted, which is logged', async () => {
    const { url, token } = await issue({ maxUses: 2 });
    await app.get(url).expect(200);
    await app.get(url).expect(200);
    expect(await codeOf(url)).toBe('token_exhausted');
    const logs = await app.settledLogs(token.id, 3);
    expect(logs.map(({ outcome }) => outcome)).toEqual(['used', 'used', 'token_exhausted']);
    expect(await app.row(token.id)).toMatchObject({ useCount: 2 });
  });

  it('without a limit can be used again and again, at once too', async () => {
    const { url, token } = await issue({ maxUses: null });
    await Promise.all(times(20, () => app.get(url).expect(200)));
    await app.kit.settled();
    expect(await app.row(token.id)).toMatchObject({ useCount: 20, maxUses: null });
  });

  it('gives a use back whose answer was a failure, the first one too', async () => {
    const { url, token } = await issue({ target: '/broken' });
    for (const uses of [1, 2]) {
      await app.get(url).expect(500);
      expect(await app.settledLogs(token.id, uses)).toHaveLength(uses);
      expect(await app.row(token.id)).toMatchObject({ useCount: 0 });
    }
  });

  it('counts its uses where they are not logged', async () => {
    const { url, token } = await issue({ target: '/unlogged' });
    await app.get(url).expect(200);
    expect(await codeOf(url)).toBe('token_exhausted');
    expect(await app.row(token.id)).toMatchObject({ useCount: 1 });
    expect(await app.logs(token.id)).toEqual([]);
  });

  it('is used by the click on a confirm page, not by the page', async () => {
    const link = await issue({ scope: 'unsubscribe', target: '/unsubscribe' });
    expect(await app.kit.scan(link)).toEqual({ head: 200, get: 200, browser: 200, prefetch: 503 });
    expect(await app.tokens.inspect(link.url)).toMatchObject({ token: undefined, usable: true });
    expect(await app.kit.click(link)).toMatchObject({ status: 200, text: 'Good-bye' });
    expect(await app.kit.click(link)).toMatchObject({ status: 403 });
    await app.kit.settled();
    const [{ outcome }] = await app.kit.log(link);
    expect(outcome).toBe('used');
  });

  it('is refused before its first use without a row, for the reasons of every token', async () => {
    const { jwt, token } = await issue();
    const { body } = await app.http.get('/other').query({ rt: jwt }).expect(403);
    expect(body).toMatchObject({ code: 'token_scope_mismatch' });
    await app.kit.settled();
    expect(await app.dataSource.manager.countBy(RequestToken, { id: token.id })).toBe(0);
    expect(await app.logs(token.id)).toEqual([]);
  });

  it('is explained before it has a row, and since', async () => {
    const { url, jwt, token } = await issue({ data: { a: 1 } });
    const before = await app.tokens.inspect(url);
    expect(before).toMatchObject({
      usable: true,
      logs: [],
      claims: { dfr: 1, dat: { a: 1 }, jti: token.id },
    });
    expect(before.token).toBeUndefined();
    expect(before.deferred).toEqual(token);
    await app.get(url).expect(200);
    await app.kit.settled();
    expect(await app.tokens.inspect(jwt)).toMatchObject({
      token: { id: token.id, useCount: 1 },
      usable: false,
      code: 'token_exhausted',
      logs: [{ outcome: 'used' }],
    });
  });

  it('obeys its row as soon as there is one', async () => {
    const { url, token } = await issue({ maxUses: 1 });
    await app.get(url).expect(200);
    await app.dataSource.manager.update(RequestToken, token.id, { maxUses: 2 });
    await app.get(url).expect(200);
    await app.dataSource.manager.update(RequestToken, token.id, { maxUses: 3, expiresAt: new Date(1) });
    expect(await codeOf(url)).toBe('token_expired');
  });

  it('is exact about its end, which is that of the JWT', async () => {
    const { jwt, token } = await issue({ expiresIn: '10s' });
    expect(token.expiresAt?.getMilliseconds()).toBe(0);
    try {
      app.kit.clock.advance('11s');
      expect(await codeOfRedeem(jwt)).toBe('token_expired');
    } finally {
      app.kit.clock.reset();
    }
  });

  describe('outside HTTP', () => {
    it('is redeemed, and its row returned', async () => {
      const { jwt, token } = await issue({ user: ann, maxUses: 2 });
      const redeemed = await app.tokens.redeem(jwt, { scope: 'rsvp', user: ann });
      expect(redeemed).toBeInstanceOf(RequestToken);
      expect(redeemed).toEqual({ ...token, useCount: 1 });
      expect(await app.logs(token.id)).toMatchObject([{ outcome: 'used', userId: String(ann.id) }]);
    });

    it('has no row when the transaction of its first use is rolled back, and its use again', async () => {
      const { jwt, token } = await issue();
      const rolledBack = app.dataSource.transaction(async (manager) => {
        await app.tokens.redeem(jwt, { manager });
        throw new Error('changed my mind');
      });
      await expect(rolledBack).rejects.toThrow('changed my mind');
      expect(await app.dataSource.manager.countBy(RequestToken, { id: token.id })).toBe(0);
      expect(await app.tokens.redeem(jwt)).toMatchObject({ useCount: 1 });
    });

    it('is redeemed in as many transactions at once as it has uses', async () => {
      const { jwt, token } = await issue({ maxUses: 3 });
      const tries = times(20, () =>
        app.dataSource.transaction((manager) => app.tokens.redeem(jwt, { manager })),
      );
      const results = await Promise.allSettled(tries);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
      expect(await app.row(token.id)).toMatchObject({ useCount: 3 });
    });

    it('that a transaction is writing holds up no other token', async () => {
      const [held, free] = [await issue({ maxUses: 2 }), await issue()];
      const runner = app.dataSource.createQueryRunner();
      await runner.startTransaction();
      try {
        await app.tokens.redeem(held.jwt, { manager: runner.manager });
        const waiting = app.get(held.url).then(({ status }) => status);
        // In the group of the one that has to wait, or behind it.
        await Promise.all([app.get(free.url).expect(200), app.get((await issue()).url).expect(200)]);
        await runner.commitTransaction();
        expect(await waiting).toBe(200);
        expect(await app.row(held.token.id)).toMatchObject({ useCount: 2 });
      } finally {
        await runner.release();
      }
    });

    it('gives a List-Unsubscribe header as every other', async () => {
      const issued = await issue({ scope: 'unsubscribe', target: '/unsubscribe', maxUses: null });
      expect(app.tokens.listUnsubscribe(issued)['List-Unsubscribe']).toBe(`<${issued.url}>`);
    });
  });

  describe('that was revoked', () => {
    it.each<[string, (issued: IssuedToken) => Parameters<TestApp['tokens']['revoke']>[0], number]>([
      ['by its id', ({ token }) => token.id, 1],
      ['by its id in capitals', ({ token }) => token.id.toUpperCase(), 1],
      ['by its JWT', ({ jwt }) => jwt, 1],
      ['by its link', ({ url }) => url, 1],
      ['by its user', () => ({ user: ann }), 0],
      ['by its scope', () => ({ scope: 'rsvp' }), 0],
      ['by its user and scope', () => ({ user: ann, scope: 'rsvp' }), 0],
    ])('%s before its first use, is refused, and writes nothing', async (_, which, revoked) => {
      await app.tokens.revoke({ scope: 'rsvp' });
      const issued = await issue({ user: ann });
      const ignored = await issue({ user: ann, target: '/ignored' });
      const { url, jwt, token } = issued;
      expect(await app.tokens.revoke(which(issued))).toBe(revoked);
      expect(await codeOf(url)).toBe('token_revoked');
      expect(await codeOfRedeem(jwt)).toBe('token_revoked');
      await app.http.head(pathOf(url)).expect(403);
      expect(await app.tokens.inspect(url)).toMatchObject({ usable: false, code: 'token_revoked' });
      if (revoked === 0)
        expect((await app.get(ignored.url).expect(200)).body).toEqual({ code: 'token_revoked' });
      const inside = app.dataSource.transaction((manager) => app.tokens.redeem(jwt, { manager }));
      await expect(inside).rejects.toMatchObject({ code: 'token_revoked' });
      await app.kit.settled();
      expect(await app.dataSource.manager.countBy(RequestToken, { id: token.id })).toBe(0);
      expect(await app.tokens.revoke(which(issued))).toBe(0);
    });

    it('in its row is counted, and refused', async () => {
      for (const which of [{ user: bob }, { scope: 'rsvp' }, 'id'] as const) {
        const { url, token } = await issue({ user: bob, maxUses: 2 });
        await app.get(url).expect(200);
        expect(await app.tokens.revoke(which === 'id' ? token.id : which)).toBe(1);
        expect(await codeOf(url)).toBe('token_revoked');
        expect((await app.row(token.id)).revokedAt).not.toBeNull();
      }
    });

    it('is not one of another user or scope, nor one that was issued since, be it in the same second', async () => {
      const others = [
        await issue({ user: bob }),
        await issue({ scope: 'other', target: '/other', user: ann }),
      ];
      await app.tokens.revoke({ user: ann, scope: 'rsvp' });
      const since = await issue({ user: ann });
      for (const { url } of [...others, since]) await app.get(url).expect(200);
    });

    it('was stopped although it was issued in the moment before', async () => {
      for (let round = 0; round < 20; round++) {
        const { jwt } = await issue({ user: ann });
        await app.tokens.revoke({ user: ann });
        const since = await issue({ user: ann });
        expect(await codeOfRedeem(jwt)).toBe('token_revoked');
        expect(await codeOfRedeem(since.jwt)).toBeUndefined();
      }
    });

    it('leaves one row, however often the same is revoked', async () => {
      await app.dataSource.manager.clear(RequestTokenRevocation);
      for (let round = 0; round < 3; round++) {
        await app.tokens.revoke({ user: bob });
        await app.tokens.revoke({ user: bob, scope: 'rsvp' });
        await app.tokens.revoke({ scope: 'unknown' });
      }
      expect(await count('request_token_revocation')).toBe(3);
    });

    it('while its first use was under way, has no second one', async () => {
      for (const which of [{ user: ann }, 'id'] as const) {
        await app.tokens.revoke({ user: ann });
        const { jwt, url, token } = await issue({ user: ann, maxUses: 3 });
        const runner = app.dataSource.createQueryRunner();
        await runner.startTransaction();
        try {
          await app.tokens.redeem(jwt, { manager: runner.manager });
          expect(await app.tokens.revoke(which === 'id' ? token.id : which)).toBe(which === 'id' ? 1 : 0);
          await runner.commitTransaction();
        } finally {
          await runner.release();
        }
        // Its row does not know of it.
        expect(await app.row(token.id)).toMatchObject({ useCount: 1, revokedAt: null });
        expect(await codeOf(url)).toBe('token_revoked');
        expect(await codeOfRedeem(jwt)).toBe('token_revoked');
        expect(await app.tokens.inspect(url)).toMatchObject({ usable: false, code: 'token_revoked' });
      }
    });

    it.each(['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'] as const)(
      'after a transaction (%s) had begun, is refused in it',
      async (isolation) => {
        const { jwt } = await issue({ user: ann });
        const redeemed = app.dataSource.transaction(isolation, async (manager) => {
          await manager.query('SELECT FROM request_token');
          await app.tokens.revoke({ user: ann });
          await app.tokens.redeem(jwt, { manager });
        });
        await expect(redeemed).rejects.toMatchObject({ code: 'token_revoked' });
      },
    );

    it('can be none that was never issued: a revocation needs an id, a link, a user or a scope', async () => {
      for (const which of ['', 'x', 'https://example.com/rsvp', 'https://example.com/rsvp?rt=x']) {
        await expect(app.tokens.revoke(which)).rejects.toThrow(TypeError);
      }
    });
  });

  describe('is not issued', () => {
    it.each<[string, Partial<IssueOptions>, string]>([
      ['without an end', {}, 'must expire'],
      [
        'with data that is too long for a link',
        { expiresIn: '1h', data: { text: 'ä'.repeat(256) } },
        '523 bytes',
      ],
      [
        'with anything else than true or false',
        { expiresIn: '1h', deferred: 'yes' as never },
        'true or false',
      ],
      [
        'for a user whose key no index has room for',
        { expiresIn: '1h', user: 'ü'.repeat(1_001) },
        'at most 2000 bytes',
      ],
    ])('%s', async (_, options, message) => {
      const issued = app.tokens.issue({ scope: 'rsvp', deferred: true, ...options });
      await expect(issued).rejects.toThrow(TypeError);
      await expect(app.tokens.issue({ scope: 'rsvp', deferred: true, ...options })).rejects.toThrow(message);
    });

    it('in a transaction, which would not take it back', async () => {
      const { manager } = app.dataSource;
      await expect(issue({ manager })).rejects.toThrow('in no transaction');
      const items = [{ scope: 'rsvp', deferred: true, expiresIn: '1h' }] as const;
      const iteration = app.tokens.issueMany(items, { manager }).next();
      await expect(iteration).rejects.toMatchObject({ cause: expect.any(TypeError) });
    });
  });

  it('is refused when its claims fit no row, although our key has signed them, and reaches no SQL', async () => {
    const { jwt } = await issue({ user: ann, data: { a: 1 } });
    const claims = decodeJwt(jwt);
    const { kid } = decodeProtectedHeader(jwt);
    const signed = (changed: object) =>
      new SignJWT({ ...claims, ...changed })
        .setProtectedHeader({ alg: 'HS256', kid, typ: 'request-token+jwt' })
        .sign(Buffer.from(SECRET));
    await app.http
      .get('/rsvp')
      .query({ rt: await signed({}) })
      .expect(200);
    for (const wrong of [
      { exp: undefined },
      { exp: 9e15 },
      { max: 2 ** 31 },
      { dat: { a: '\0' } },
      { dat: [] },
      { dfr: true },
      { jti: randomUUID() },
      { jti: v7().toUpperCase() },
      { iat: 9e15 },
      { aud: 'a\0' },
      { aud: 'a'.repeat(2_001) },
    ]) {
      const { body } = await app.http
        .get('/rsvp')
        .query({ rt: await signed(wrong) })
        .expect(403);
      expect(body).toMatchObject({ code: 'token_malformed' });
    }
  });

  it('may be for a user whose key has 2,000 bytes, beside the longest scope', async () => {
    const user = randomBytes(1_500).toString('base64');
    const scope = Array.from({ length: 100 }, () => String.fromCharCode(randomInt(0x4e00, 0x9fa5))).join('');
    const { jwt, token } = await issue({ user, scope, loginMode: 'none' });
    expect(await app.tokens.redeem(jwt)).toEqual({ ...token, useCount: 1 });
  });

  it('may have 512 bytes of data', async () => {
    const data = { text: 'ä'.repeat(250) };
    expect(Buffer.byteLength(JSON.stringify(data))).toBe(511);
    const { url } = await issue({ data });
    expect((await app.get(url).expect(200)).body).toMatchObject({ data });
  });
});

describe('Deferred tokens as the default', () => {
  let app: TestApp;
  beforeAll(async () => {
    const defaults = { deferred: true, expiresIn: '1h' } as const;
    app = await TestApp.start({ controllers: [LinksController], token: { defaults } });
  });
  afterAll(() => app.close());

  it('are what is issued, unless it is said otherwise', async () => {
    const deferred = await app.tokens.issue({ scope: 'rsvp' });
    const stored = await app.tokens.issue({ scope: 'rsvp', deferred: false });
    const rows = await app.dataSource.manager.find(RequestToken);
    expect(rows.map(({ id }) => id)).toEqual([stored.token.id]);
    expect(await app.tokens.verify(deferred.jwt)).toMatchObject({ dfr: 1 });
    expect(await app.tokens.verify(stored.jwt)).not.toHaveProperty('dfr');
  });

  it('are mixed with others in issueMany', async () => {
    const before = await app.dataSource.manager.count(RequestToken);
    const items = times(10, (n) => ({ scope: 'rsvp', ...(n % 2 && { deferred: false }) }));
    let issued = 0;
    for await (const { jwt } of app.tokens.issueMany(items, { batchSize: 3 })) {
      issued++;
      await app.tokens.redeem(jwt);
      await expect(app.tokens.redeem(jwt)).rejects.toMatchObject({ code: 'token_exhausted' });
    }
    expect(issued).toBe(10);
    expect(await app.dataSource.manager.count(RequestToken)).toBe(before + 10);
  });
});

describe.each(ADAPTER_NAMES)(`%s: ${CONCURRENT} first uses of one deferred token at once`, (adapter) => {
  let apps: TestApp[];
  let issuer: TestApp;
  beforeEach(async () => {
    issuer = await TestApp.start({ adapter, controllers: [LinksController] });
    const { url } = issuer.dataSource.options as { url: string };
    const other = await TestApp.start({
      adapter,
      controllers: [LinksController],
      databaseUrl: url,
      dataSource: { synchronize: false },
    });
    apps = [other, issuer];
  });
  afterEach(async () => {
    for (const app of apps) await app.close();
  });

  it.each([1, 3])('over two apps accept exactly %d', async (maxUses) => {
    for (let round = 0; round < 10; round++) {
      const { url, token } = await issuer.tokens.issue({
        scope: 'rsvp',
        target: '/rsvp',
        deferred: true,
        expiresIn: '1h',
        maxUses,
      });
      const statuses = await Promise.all(
        times(CONCURRENT, (n) => apps[n % 2].get(url).then(({ status }) => status)),
      );
      const accepted = statuses.filter((status) => status === 200).length;
      const refused = statuses.filter((status) => status === 403).length;
      expect({ round, accepted, refused }).toEqual({
        round,
        accepted: maxUses,
        refused: CONCURRENT - maxUses,
      });
      for (const app of apps) await app.kit.settled();
      const logs = await waitFor(
        async () => {
          const found = await issuer.logs(token.id);
          return attemptsIn(found) === CONCURRENT ? found : undefined;
        },
        () => 'all attempts to be logged',
      );
      expect(logs.filter(({ outcome }) => outcome === 'used')).toHaveLength(maxUses);
      expect(await issuer.row(token.id)).toMatchObject({ useCount: maxUses });
    }
  });
});
