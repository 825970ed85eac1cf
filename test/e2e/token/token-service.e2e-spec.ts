import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { TestApp } from '../../support/test-app.js';
import { User } from '../../support/user.entity.js';

@Controller()
class RsvpController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {}
}

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('TokenService', () => {
  let app: TestApp;
  let ann: User;
  beforeAll(async () => {
    app = await TestApp.start({
      controllers: [RsvpController],
      entities: [User],
      token: { users: { entity: User }, issuer: 'https://issuer.example' },
    });
    ann = await app.dataSource.manager.save(User, { name: 'Ann' });
  });
  afterAll(() => app.close());

  describe('issue', () => {
    it('writes a row whose id is the jti, a UUID v7', async () => {
      const { token, jwt } = await app.tokens.issue({ scope: 'rsvp' });
      expect(token.id).toMatch(UUID_V7);
      expect(decodeJwt(jwt).jti).toBe(token.id);
      expect(await app.row(token.id)).toEqual(token);
    });

    it('defaults to one use, for ever, for nobody', async () => {
      const { token } = await app.tokens.issue({ scope: 'rsvp' });
      expect(token).toMatchObject({
        maxUses: 1,
        useCount: 0,
        expiresAt: null,
        notBefore: null,
        revokedAt: null,
        userId: null,
        loginMode: 'none',
        targetPath: null,
        data: {},
      });
    });

    it('puts every claim that applies into the JWT, and no other', async () => {
      const expiresAt = new Date('2999-01-01T00:00:00.500Z');
      const notBefore = new Date('2001-01-01T00:00:00.500Z');
      const { jwt, token } = await app.tokens.issue({
        user: ann,
        scope: 'rsvp',
        target: '/rsvp?x=1',
        expiresAt,
        notBefore,
        maxUses: 3,
        data: { secret: 1 },
      });
      expect(decodeProtectedHeader(jwt)).toEqual({
        typ: 'request-token+jwt',
        alg: 'HS256',
        kid: expect.any(String),
      });
      expect(decodeJwt(jwt)).toEqual({
        jti: token.id,
        sub: 'rsvp',
        aud: String(ann.id),
        iss: 'https://issuer.example',
        iat: Math.floor(token.issuedAt.getTime() / 1000),
        exp: Math.ceil(expiresAt.getTime() / 1000),
        nbf: Math.floor(notBefore.getTime() / 1000),
        max: 3,
        mod: 'r',
        tgt: '/rsvp',
      });
      expect(
        Object.keys(decodeJwt((await app.tokens.issue({ scope: 'x', maxUses: null })).jwt)).sort(),
      ).toEqual(['iat', 'iss', 'jti', 'mod', 'sub']);
    });

    it('takes a primary key or a user object', async () => {
      const userIds = await Promise.all(
        [ann, ann.id, String(ann.id)].map(
          async (user) => (await app.tokens.issue({ user, scope: 'x' })).token.userId,
        ),
      );
      expect(userIds).toEqual(Array(3).fill(String(ann.id)));
    });

    it('makes the link of the target on the base URL, and keeps its other query parameters', async () => {
      const { url, jwt } = await app.tokens.issue({ target: '/rsvp?seat=2#top' });
      expect(url).toBe(`https://example.com/rsvp?rt=${jwt}&seat=2#top`);
      const absolute = await app.tokens.issue({ target: 'https://example.com/rsvp' });
      expect(absolute.url).toBe(`https://example.com/rsvp?rt=${absolute.jwt}`);
      expect(absolute.token.targetPath).toBe('/rsvp');
    });

    it('is rolled back with the transaction of its caller', async () => {
      let id = '';
      await app.dataSource
        .transaction(async (manager) => {
          id = (await app.tokens.issue({ scope: 'x', manager })).token.id;
          throw new Error('rollback');
        })
        .catch(() => undefined);
      await expect(app.row(id)).rejects.toThrow('RequestToken');
    });

    it.each<[string, object, RegExp]>([
      ['neither scope nor target', { user: 1 }, /needs a scope or a target/],
      ['an empty scope', { scope: '' }, /1 to 100/],
      ['a long scope', { scope: 'x'.repeat(101) }, /1 to 100/],
      ['a target elsewhere', { target: 'https://evil.example/x' }, /https:\/\/example.com/],
      ['a target that leaves the site', { target: '//evil.example/x' }, /https:\/\/example.com/],
      ['a relative target', { target: 'rsvp' }, /starts with '\/'/],
      ['a mode without a user', { scope: 'x', loginMode: 'request' }, /needs a user/],
      ['a mode that is none', { scope: 'x', loginMode: 'admin' }, /loginMode/],
      [
        'session mode in an app that cannot log in',
        { scope: 'x', user: 1, loginMode: 'session' },
        /log users in/,
      ],
      ['a user that is null', { scope: 'x', user: null }, /user/],
      ['a user object without a key', { scope: 'x', user: {} }, /user/],
      ['a user that PostgreSQL cannot store', { scope: 'x', user: 'a\u0000' }, /user/],
      ['a scope that PostgreSQL cannot store', { scope: 'a\u0000' }, /scope/],
      ['a user that is NaN', { scope: 'x', user: NaN }, /user/],
      ['no uses', { scope: 'x', maxUses: 0 }, /maxUses/],
      ['half a use', { scope: 'x', maxUses: 1.5 }, /maxUses/],
      ['more uses than a column holds', { scope: 'x', maxUses: 2 ** 31 }, /maxUses/],
      ['a duration that is none', { scope: 'x', expiresIn: 'soon' }, /expiresIn/],
      ['a duration backwards', { scope: 'x', expiresIn: '-1h' }, /expiresIn/],
      ['two expiries', { scope: 'x', expiresIn: '1h', expiresAt: new Date() }, /not both/],
      ['a date that is none', { scope: 'x', expiresAt: new Date('x') }, /expiresAt/],
      [
        'a window that never opens',
        { scope: 'x', notBefore: new Date(2e12), expiresAt: new Date(1e12) },
        /before it becomes valid/,
      ],
      ['data that is no JSON', { scope: 'x', data: { a: 1n } }, /data must be JSON/],
      ['data that is no object', { scope: 'x', data: [1] }, /data/],
      ['data that PostgreSQL cannot store', { scope: 'x', data: { a: 'x\u0000' } }, /U\+0000/],
    ])('refuses %s', async (_, options, message) => {
      await expect(app.tokens.issue(options as never)).rejects.toThrow(message);
    });
  });

  describe('verify', () => {
    it('asks no database', async () => {
      const { jwt, token } = await app.tokens.issue({ scope: 'x' });
      await app.dataSource.query('DELETE FROM request_token WHERE id = $1', [token.id]);
      expect((await app.tokens.verify(jwt)).jti).toBe(token.id);
    });
  });

  describe('inspect', () => {
    it('explains a link that works, by link or by JWT', async () => {
      const { url, jwt, token } = await app.tokens.issue({ user: ann, scope: 'rsvp', target: '/rsvp' });
      for (const text of [url, jwt, ` ${url}\n`, url.replace('https://example.com', '')]) {
        const inspection = await app.tokens.inspect(text);
        expect(inspection).toMatchObject({
          usable: true,
          token: { id: token.id },
          claims: { jti: token.id },
          logs: [],
        });
        expect(inspection.code).toBeUndefined();
      }
    });

    it('shows the attempts, newest first, and takes no use', async () => {
      const { url, token } = await app.tokens.issue({ scope: 'rsvp', target: '/rsvp' });
      await app.get(url).expect(200);
      await app.settledLogs(token.id, 1);
      await app.get(url).expect(403);
      await app.settledLogs(token.id, 2);
      const inspection = await app.tokens.inspect(url);
      expect(inspection).toMatchObject({ usable: false, code: 'token_exhausted', token: { useCount: 1 } });
      expect(inspection.logs.map(({ outcome }) => outcome)).toEqual(['token_exhausted', 'used']);
    });

    it.each<[string, () => Promise<string>]>([
      ['token_missing', () => Promise.resolve('https://example.com/rsvp')],
      ['token_malformed', () => Promise.resolve('what is this?rt=x')],
      ['token_malformed', () => Promise.resolve('')],
      ['token_missing', () => Promise.resolve(undefined as never)],
      [
        'token_signature_invalid',
        async () => (await app.tokens.issue({ scope: 'x' })).jwt.slice(0, -4) + 'AAAA',
      ],
      ['token_expired', async () => (await app.tokens.issue({ scope: 'x', expiresAt: new Date(1) })).jwt],
      [
        'token_not_yet_valid',
        async () => (await app.tokens.issue({ scope: 'x', notBefore: new Date(4e12) })).jwt,
      ],
      ['token_user_not_found', async () => (await app.tokens.issue({ scope: 'x', user: 99_999 })).jwt],
      [
        'token_revoked',
        async () => {
          const { jwt, token } = await app.tokens.issue({ scope: 'x' });
          await app.tokens.revoke(token.id);
          return jwt;
        },
      ],
      [
        'token_unknown',
        async () => {
          const { jwt, token } = await app.tokens.issue({ scope: 'x' });
          await app.dataSource.query('DELETE FROM request_token WHERE id = $1', [token.id]);
          return jwt;
        },
      ],
    ])('says %s, and never throws because of what it is given', async (code, prepare) => {
      expect(await app.tokens.inspect(await prepare())).toMatchObject({ usable: false, code });
    });

    it('shows the row of a token that has expired', async () => {
      const { jwt, token } = await app.tokens.issue({ scope: 'x', expiresAt: new Date(1) });
      expect(await app.tokens.inspect(jwt)).toMatchObject({
        token: { id: token.id },
        claims: { jti: token.id },
      });
    });
  });

  describe('revoke', () => {
    it('takes an id, and counts a token once', async () => {
      const { token } = await app.tokens.issue({ scope: 'x' });
      expect(await app.tokens.revoke(token.id)).toBe(1);
      expect((await app.row(token.id)).revokedAt).toBeInstanceOf(Date);
      expect(await app.tokens.revoke(token.id)).toBe(0);
    });

    it('takes a user, a scope, or both, and leaves the others alone', async () => {
      const bob = await app.dataSource.manager.save(User, { name: 'Bob' });
      const issued = await Promise.all(
        [
          { user: bob, scope: 'one' },
          { user: bob, scope: 'two' },
          { user: ann, scope: 'one' },
        ].map((options) => app.tokens.issue(options)),
      );
      const revoked = async () =>
        Promise.all(issued.map(async ({ token }) => (await app.row(token.id)).revokedAt !== null));
      expect(await app.tokens.revoke({ user: bob, scope: 'one' })).toBe(1);
      expect(await revoked()).toEqual([true, false, false]);
      expect(await app.tokens.revoke({ user: bob.id })).toBe(1);
      expect(await revoked()).toEqual([true, true, false]);
      expect(await app.tokens.revoke({ scope: 'one' })).toBe(1);
      expect(await revoked()).toEqual([true, true, true]);
    });

    it.each([
      undefined,
      null,
      '',
      'not-an-id',
      {},
      { user: undefined },
      { scope: undefined },
      { user: undefined, scope: 'one' },
      { user: 1, scope: undefined },
      { user: null },
      { user: {} },
      [],
      7,
    ])('throws when given %j, and revokes nothing', async (which) => {
      const { token } = await app.tokens.issue({ user: 1, scope: 'one' });
      await expect(app.tokens.revoke(which as never)).rejects.toThrow(TypeError);
      expect((await app.row(token.id)).revokedAt).toBeNull();
    });
  });
});
