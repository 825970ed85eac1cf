import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type IssueOptions, LoginMode, RequestToken } from 'nestjs-request-token';
import { types } from 'pg';
import { TestApp } from '../../support/test-app.js';
import { User } from '../../support/user.entity.js';

/** For a user, whom using it does not make the user of anything. */
const NONE = { loginMode: LoginMode.None };
const NOBODY = { nobody: true };

describe('redeem', () => {
  let app: TestApp;
  let ann: User;
  beforeAll(async () => {
    app = await TestApp.start({ entities: [User], token: { users: { entity: User } } });
    ann = await app.dataSource.manager.save(User, { name: 'Ann' });
  });
  afterAll(() => app.close());

  const issue = ({ nobody, ...options }: { nobody?: boolean } & Partial<IssueOptions> = {}) =>
    app.tokens.issue({ ...(!nobody && { user: ann }), scope: 'job', ...options });

  it('takes one use, logs it, and gives the row as it is since', async () => {
    const { jwt, token } = await issue({ data: { job: 1 } });
    const redeemed = await app.tokens.redeem(jwt, { scope: 'job' });
    expect(redeemed).toBeInstanceOf(RequestToken);
    expect(redeemed).toMatchObject({ id: token.id, useCount: 1, data: { job: 1 } });
    expect(await app.row(token.id)).toEqual(redeemed);
    expect(await app.logs(token.id)).toMatchObject([
      { outcome: 'used', userId: String(ann.id), method: null, path: null, statusCode: null, clientIp: null },
    ]);
  });

  it('gives times as dates, however the app lets pg read them', async () => {
    const { TIMESTAMPTZ } = types.builtins;
    const parser = types.getTypeParser(TIMESTAMPTZ);
    const { jwt, token } = await issue({ expiresIn: '1h' });
    types.setTypeParser(TIMESTAMPTZ, (text) => text);
    try {
      const { issuedAt, expiresAt, revokedAt } = await app.tokens.redeem(jwt, { scope: 'job' });
      expect([issuedAt, expiresAt, revokedAt]).toEqual([token.issuedAt, token.expiresAt, null]);
    } finally {
      types.setTypeParser(TIMESTAMPTZ, parser);
    }
  });

  it.each<[string, object, (jwt: string) => Promise<unknown>]>([
    ['token_scope_mismatch', {}, (jwt) => app.tokens.redeem(jwt, { scope: 'other' })],
    ['token_scope_mismatch', {}, (jwt) => app.tokens.redeem(jwt, { target: '/a' })],
    ['token_target_mismatch', { target: '/a' }, (jwt) => app.tokens.redeem(jwt, { target: '/b' })],
    ['token_audience_mismatch', {}, (jwt) => app.tokens.redeem(jwt, { scope: 'job', user: ann.id + 1 })],
    ['token_audience_mismatch', NONE, (jwt) => app.tokens.redeem(jwt, { scope: 'job', user: ann.id + 1 })],
    ['token_audience_mismatch', NOBODY, (jwt) => app.tokens.redeem(jwt, { scope: 'job', user: ann })],
    ['token_audience_mismatch', NOBODY, (jwt) => app.tokens.redeem(jwt, { scope: 'job', user: '' + ann.id })],
    ['token_user_not_found', { user: 999_999 }, (jwt) => app.tokens.redeem(jwt, { scope: 'job' })],
    ['token_user_not_found', { user: 'no number' }, (jwt) => app.tokens.redeem(jwt, { scope: 'job' })],
    ['token_expired', { expiresAt: new Date(1) }, (jwt) => app.tokens.redeem(jwt)],
    ['token_signature_invalid', {}, (jwt) => app.tokens.redeem(jwt.slice(0, -4) + 'AAAA')],
    ['token_malformed', {}, () => app.tokens.redeem(undefined as never)],
  ])('throws %s and counts nothing', async (code, options, redeem) => {
    const { jwt, token } = await issue(options);
    await expect(redeem(jwt)).rejects.toMatchObject({ code });
    expect((await app.row(token.id)).useCount).toBe(0);
  });

  it.each([{ scope: undefined }, { scope: '' }, { target: undefined }])(
    'throws when given %j, which would accept any token',
    async (options) => {
      const { jwt, token } = await issue();
      await expect(app.tokens.redeem(jwt, options)).rejects.toThrow(TypeError);
      expect((await app.row(token.id)).useCount).toBe(0);
    },
  );

  it('takes the user given for the recipient in any form, whatever the login mode', async () => {
    for (const user of [ann, ann.id, `0${ann.id}`]) {
      const { jwt, token } = await issue(NONE);
      await app.tokens.redeem(jwt, { scope: 'job', user });
      expect(await app.logs(token.id)).toMatchObject([{ outcome: 'used', userId: String(ann.id) }]);
    }
  });

  it('throws token_exhausted when all uses are taken, and logs it', async () => {
    const { jwt, token } = await issue();
    await app.tokens.redeem(jwt, { scope: 'job', user: ann });
    await expect(app.tokens.redeem(jwt, { scope: 'job' })).rejects.toMatchObject({ code: 'token_exhausted' });
    const logs = await app.settledLogs(token.id, 2);
    expect(logs.map(({ outcome }) => outcome)).toEqual(['used', 'token_exhausted']);
  });

  it("is rolled back with the caller's transaction", async () => {
    const { jwt, token } = await issue();
    const rollback = new Error('changed my mind');
    await expect(
      app.dataSource.transaction(async (manager) => {
        const { useCount } = await app.tokens.redeem(jwt, { scope: 'job', manager });
        expect(useCount).toBe(1);
        throw rollback;
      }),
    ).rejects.toBe(rollback);
    expect((await app.row(token.id)).useCount).toBe(0);
    expect(await app.logs(token.id)).toEqual([]);
    await app.tokens.redeem(jwt, { scope: 'job' });
  });

  it("sees what the caller's transaction did before: its user, and its token", async () => {
    await app.dataSource.transaction(async (manager) => {
      const bob = await manager.save(User, { name: 'Bob' });
      const { jwt } = await issue({ user: bob, manager });
      await app.tokens.redeem(jwt, { scope: 'job', manager });
    });
  });

  it('takes a use of a token that stops being expired between the two looks at it', async () => {
    const { jwt, token } = await issue({ maxUses: null, expiresIn: '1h' });
    const setExpiry = (expiresAt: Date) =>
      app.dataSource.manager.update(RequestToken, token.id, { expiresAt });
    await setExpiry(new Date(0));
    const redeemed = await app.dataSource.transaction(async (manager) => {
      const query = manager.query.bind(manager);
      manager.query = async <Row>(sql: string, parameters?: unknown[]) => {
        const rows = await query<Row>(sql, parameters);
        if (sql.includes('UPDATE')) {
          // Once: the second of its kind has locked the row.
          manager.query = query;
          await setExpiry(token.expiresAt!);
        }
        return rows;
      };
      return app.tokens.redeem(jwt, { scope: 'job', manager });
    });
    expect(redeemed.useCount).toBe(1);
  });

  it('gives out exactly as many uses as there are, however many ask at once', async () => {
    const { jwt, token } = await issue({ maxUses: 3 });
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, () =>
        app.dataSource.transaction((manager) => app.tokens.redeem(jwt, { scope: 'job', manager })),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect((await app.row(token.id)).useCount).toBe(3);
  });
});
