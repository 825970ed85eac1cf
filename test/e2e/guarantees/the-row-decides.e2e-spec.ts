import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { RequestToken, UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { pathOf, TestApp } from '../../support/test-app.js';
import { ADAPTERS_AND_KINDS } from '../../support/token-kinds.js';

@Controller()
class RsvpController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {
    return 'Welcome';
  }
}

describe.each(ADAPTERS_AND_KINDS)(
  '%s: The row of a %s token decides about a link',
  (adapter, kind, defaults) => {
    let app: TestApp;
    beforeAll(async () => {
      app = await TestApp.start({ adapter, controllers: [RsvpController], token: { defaults } });
    });
    afterAll(() => app.close());

    const issue = (options: object = {}) => app.tokens.issue({ scope: 'rsvp', target: '/rsvp', ...options });
    /** A link whose row is there, which has one use left. That of a deferred token comes with its first use. */
    const sent = async () => {
      if (kind === 'stored') return issue();
      const issued = await issue({ maxUses: 2 });
      await app.get(issued.url).expect(200);
      await app.kit.settled();
      return issued;
    };
    const change = (id: string, values: object) =>
      app.dataSource.manager.update(RequestToken, { id }, values);

    it.each<[string, object]>([
      ['token_expired', { expiresAt: new Date(Date.now() - 1) }],
      ['token_not_yet_valid', { notBefore: new Date(Date.now() + 60_000) }],
      ['token_revoked', { revokedAt: new Date() }],
      ['token_exhausted', { maxUses: 1, useCount: 1 }],
    ])('stops it with %s', async (code, values) => {
      const { url, token } = await sent();
      await change(token.id, values);
      const { body } = await app.get(url).expect(403);
      expect(body.code).toBe(code);
      expect((await app.settledLogs(token.id)).at(-1)).toMatchObject({ outcome: code, statusCode: 403 });
    });

    it.each<[string, string, string | undefined]>([
      ['expires_at', '-infinity', 'token_expired'],
      ['expires_at', 'infinity', undefined],
      ['not_before', 'infinity', 'token_not_yet_valid'],
      ['not_before', '-infinity', undefined],
      ['expires_at', '290000-01-01', undefined],
      ['expires_at', '4714-11-24 BC', 'token_expired'],
    ])(
      'with %s = %s, says the same to those who look and to those who use it',
      async (column, time, code) => {
        const { url, jwt, token } = await sent();
        await app.dataSource.query(`UPDATE request_token SET ${column} = '${time}' WHERE id = '${token.id}'`);
        expect((await app.tokens.inspect(jwt)).code).toBe(code);
        const { status } = await app.http.head(pathOf(url));
        expect(status).toBe(code ? 403 : 200);
        const { body } = await app.get(url).expect(code ? 403 : 200);
        expect((body as { code?: string }).code).toBe(code);
      },
    );

    it('gives it more uses', async () => {
      const { url, token } = await sent();
      await app.get(url).expect(200);
      await change(token.id, { maxUses: 3, useCount: 2 });
      await app.get(url).expect(200);
      await app.get(url).expect(403);
    });

    it('lets it be used without limit', async () => {
      const { url, token } = await issue({ maxUses: null });
      for (let use = 1; use <= 3; use++) await app.get(url).expect(200);
      expect((await app.row(token.id)).useCount).toBe(3);
    });

    it('cannot prolong it: what the JWT says is signed', async () => {
      const { url, token } = await issue({ expiresAt: new Date(Date.now() - 1_000) });
      await change(token.id, { expiresAt: new Date(Date.now() + 60_000) });
      const { body } = await app.get(url).expect(403);
      expect(body.code).toBe('token_expired');
    });
  },
);

describe.each(ADAPTER_NAMES)('%s: The row of a stored token', (adapter) => {
  it('is exact to the millisecond, where a JWT only has seconds', async () => {
    const app = await TestApp.start({ adapter, controllers: [RsvpController] });
    try {
      const expiresAt = new Date(Math.floor(Date.now() / 1000) * 1000 - 500);
      const { url, token } = await app.tokens.issue({ scope: 'rsvp', target: '/rsvp', expiresAt });
      expect((await app.row(token.id)).expiresAt).toEqual(expiresAt);
      await app.get(url).expect(403);
    } finally {
      await app.close();
    }
  });
});
