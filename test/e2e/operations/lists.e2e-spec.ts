import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, InternalServerErrorException } from '@nestjs/common';
import {
  type AttemptsOptions,
  type ListOptions,
  type Page,
  RequestToken,
  UseRequestToken,
} from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { TestApp } from '../../support/test-app.js';

@Controller()
class LinksController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {}

  @Get('broken')
  @UseRequestToken({ scope: 'rsvp' })
  broken() {
    throw new InternalServerErrorException();
  }
}

const HOUR_MS = 3_600_000;

async function all<Item>(ask: (after?: string) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  for (let after: string | undefined, page = await ask(); ; page = await ask(after)) {
    items.push(...page.items);
    after = page.after;
    if (after === undefined) return items;
  }
}

const ids = (items: { id: string }[]) => items.map(({ id }) => id);

describe('list', () => {
  let app: TestApp;
  beforeAll(async () => (app = await TestApp.start({ controllers: [LinksController] })));
  afterAll(() => app.close());

  const issued = async (options: object = {}) =>
    (await app.tokens.issue({ scope: 'rsvp', ...options })).token;
  const found = async (options: ListOptions) => ids((await app.tokens.list(options)).items);

  it('gives the newest first, in pages that leave nothing out and tell nothing twice', async () => {
    const expected: string[] = [];
    for (let n = 0; n < 7; n++) expected.push((await issued({ user: 'pages' })).id);
    // Of those of one millisecond, either may be the first.
    expected.sort().reverse();
    const pages = (limit: number) =>
      all((after) => app.tokens.list({ user: 'pages', limit, ...(after && { after }) }));
    for (const limit of [1, 2, 3, 7, 8, 1_000]) expect(ids(await pages(limit))).toEqual(expected);
    const last = await app.tokens.list({ user: 'pages', limit: 7 });
    expect(last).not.toHaveProperty('after');
  });

  it('filters by user, scope and time of issue', async () => {
    const ann = await issued({ user: 'ann', scope: 'letters' });
    const ben = await issued({ user: 'ben', scope: 'letters' });
    expect(await found({ user: 'ann', scope: 'letters' })).toEqual([ann.id]);
    expect(await found({ user: { id: 'ben' } })).toEqual([ben.id]);
    expect((await found({ scope: 'letters' })).sort()).toEqual([ann.id, ben.id].sort());
    const past = new Date(Date.now() - HOUR_MS);
    const future = new Date(Date.now() + HOUR_MS);
    expect(await found({ scope: 'letters', issuedFrom: past, issuedTo: future })).toHaveLength(2);
    expect(await found({ scope: 'letters', issuedFrom: future })).toEqual([]);
    expect(await found({ scope: 'letters', issuedTo: past })).toEqual([]);
    expect(await found({ scope: 'nobody’s' })).toEqual([]);
  });

  it('tells how each token is, and filters by it', async () => {
    const user = 'states';
    const change = (id: string, row: object) => app.dataSource.manager.update(RequestToken, { id }, row);
    const tokens = {
      usable: await issued({ user }),
      revoked: await issued({ user }),
      expired: await issued({ user }),
      not_yet_valid: await issued({ user, notBefore: new Date(Date.now() + HOUR_MS) }),
      exhausted: await issued({ user }),
    };
    await app.tokens.revoke(tokens.revoked.id);
    await change(tokens.expired.id, { expiresAt: new Date(Date.now() - 1) });
    await change(tokens.exhausted.id, { useCount: 1 });
    for (const [state, { id }] of Object.entries(tokens)) {
      const { items } = await app.tokens.list({ user, state: state as ListOptions['state'] });
      expect(items).toEqual([expect.objectContaining({ id, state })]);
    }
    const { items } = await app.tokens.list({ user });
    expect(items.map(({ state }) => state).sort()).toEqual(Object.keys(tokens).sort());
    expect(items[0]).toBeInstanceOf(RequestToken);
  });

  it('has no deferred token before its first use, and has it then', async () => {
    const { token, jwt } = await app.tokens.issue({
      scope: 'rsvp',
      user: 'later',
      deferred: true,
      expiresIn: '1h',
    });
    expect(await found({ user: 'later' })).toEqual([]);
    await app.tokens.redeem(jwt, { scope: 'rsvp' });
    expect(await found({ user: 'later' })).toEqual([token.id]);
  });

  it('looks at so many tokens for a state, and goes on behind them', async () => {
    await app.dataSource.query(`
      INSERT INTO request_token (id, scope, login_mode, issued_at, max_uses, use_count)
      SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'many', 'none', now(), 1,
        CASE WHEN n = 1 THEN 0 ELSE 1 END
      FROM generate_series(1, 10_500) AS n`);
    const first = await app.tokens.list({ scope: 'many', state: 'usable' });
    expect(first.items).toEqual([]);
    const { items, after } = await app.tokens.list({ scope: 'many', state: 'usable', after: first.after });
    expect(ids(items)).toEqual(['01900000-0000-7000-8000-000000000001']);
    expect(after).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['an unknown property', { users: 'ann' }],
    ['a user that is undefined', { user: undefined }],
    ['a scope that is undefined', { scope: undefined }],
    ['no state', { state: 'used' }],
    ['a limit of 0', { limit: 0 }],
    ['a limit that is too high', { limit: 1_001 }],
    ['an after of somebody’s own', { after: 'abc' }],
    ['an id for an after', { after: '01900000-0000-7000-8000-000000000001' }],
    ['a text for a date', { issuedFrom: '2026-01-01' }],
    ['a date that is none', { issuedTo: new Date(NaN) }],
    ['bounds in the wrong order', { issuedFrom: new Date(2), issuedTo: new Date(1) }],
    ['no object', 'ann'],
  ])('refuses %s', async (_, options) => {
    await expect(app.tokens.list(options as ListOptions)).rejects.toThrow(TypeError);
  });
});

describe.each(ADAPTER_NAMES)('%s: attempts', (adapter) => {
  let app: TestApp;
  beforeAll(
    async () => (app = await TestApp.start({ adapter, controllers: [LinksController], trustProxy: true })),
  );
  afterAll(() => app.close());

  const open = (path: string, jwt: string, ip = '192.0.2.1') =>
    app.http.get(path).query({ rt: jwt }).set('X-Forwarded-For', ip);
  const found = async (options: AttemptsOptions) => (await app.tokens.attempts(options)).items;

  it('are the newest first, by token, outcome, scope, client and time, with the scope of their token', async () => {
    const { token, jwt } = await app.tokens.issue({ scope: 'rsvp' });
    const other = await app.tokens.issue({ scope: 'rsvp' });
    await open('/broken', jwt);
    await open('/rsvp', jwt, '2001:db8::1');
    await open('/rsvp', jwt);
    await open('/rsvp', other.jwt, '192.0.2.9');
    await app.tokens.settled();

    const attempts = await found({ tokenId: token.id });
    expect(attempts.map(({ outcome }) => outcome).sort()).toEqual(['released', 'token_exhausted', 'used']);
    expect(attempts.every(({ scope }) => scope === 'rsvp')).toBe(true);
    expect(ids(attempts)).toEqual(ids(attempts).sort().reverse());
    expect(await found({ outcome: 'released' })).toMatchObject([{ tokenId: token.id }]);
    expect(await found({ scope: 'rsvp' })).toHaveLength(4);
    expect(await found({ scope: 'letters' })).toEqual([]);
    expect(await found({ clientIp: '192.0.2.9' })).toMatchObject([{ tokenId: other.token.id }]);
    expect(await found({ clientIp: '2001:0DB8::0001' })).toMatchObject([{ outcome: 'used' }]);
    const soon = new Date(Date.now() + HOUR_MS);
    expect(await found({ from: new Date(Date.now() - HOUR_MS), to: soon })).toHaveLength(4);
    expect(await found({ from: soon })).toEqual([]);
  });

  it('come in pages that leave nothing out and tell nothing twice', async () => {
    const { token, jwt } = await app.tokens.issue({ scope: 'rsvp', maxUses: null });
    for (let n = 0; n < 5; n++) await open('/rsvp', jwt);
    await app.tokens.settled();
    const pages = (limit: number, filter: object = {}) =>
      all((after) => app.tokens.attempts({ tokenId: token.id, limit, ...filter, ...(after && { after }) }));
    const expected = ids(await pages(1_000));
    expect(expected).toHaveLength(5);
    expect(ids(await pages(2))).toEqual(expected);
    expect(ids(await pages(2, { outcome: 'used' }))).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['an unknown property', { ip: '192.0.2.1' }],
    ['a token that is undefined', { tokenId: undefined }],
    ['a token id that is none', { tokenId: 'abc' }],
    ['no outcome', { outcome: 'token_lost' }],
    ['no address', { clientIp: '192.0.2.1.example' }],
    ['a network', { clientIp: '192.0.2.0/24' }],
    ['a limit of a half', { limit: 0.5 }],
  ])('refuse %s', async (_, options) => {
    await expect(app.tokens.attempts(options as AttemptsOptions)).rejects.toThrow(TypeError);
  });
});
