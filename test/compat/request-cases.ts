import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { waitFor } from '../support/wait-for.js';
import type { AppProcess } from './app-process.js';

const BROWSER = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

export interface Issued {
  id: string;
  jwt: string;
  url: string;
}

interface Row {
  use_count: number;
  max_uses: number | null;
}

export interface LogRow {
  method: string;
  path: string;
  user_id: string;
  client_ip: string;
  user_agent: string;
  status_code: number;
  outcome: string;
  repeats: number;
  duration_ms: number;
}

/** An app with the package, as its clients see it. */
export function requestCases(start: () => Promise<AppProcess>, sql: () => Client): void {
  let app: AppProcess;

  beforeAll(async () => {
    app = await start();
  });

  afterAll(async () => {
    await app?.kill();
  });

  const issue = (scope: string, options: object = {}) =>
    app.ask<Issued>('issue', { user: 1, scope, target: `/api/v1/links/${scope}`, ...options });

  const row = async (id: string) =>
    (await sql().query<Row>('SELECT * FROM request_token WHERE id = $1', [id])).rows[0];

  const logs = async (id: string) =>
    (
      await sql().query<LogRow>(
        'SELECT * FROM request_token_log WHERE token_id = $1 ORDER BY started_at, id',
        [id],
      )
    ).rows;

  /** A row may stand for several refusals. */
  const countOf = (rows: { repeats: number }[]) => rows.reduce((sum, { repeats }) => sum + repeats, 0);

  /** Settling goes on behind the response. */
  const settled = (id: string, count: number) =>
    waitFor(
      async () => {
        const rows = await logs(id);
        return countOf(rows.filter(({ outcome }) => outcome !== 'pending')) >= count ? rows : undefined;
      },
      () => `${count} settled attempts`,
    );

  const refusal = (code: string) => ({
    statusCode: 403,
    error: 'Forbidden',
    code,
    message: expect.any(String),
  });

  test('requestTokenMigrations make the tables that the entities describe', async () => {
    const { rows } = await sql().query<{ name: string }>('SELECT name FROM migrations');
    expect(rows.map(({ name }) => name)).toContain('CreateRequestTokens1767225600000');
    expect(await app.ask('schema-changes')).toEqual([]);
  });

  test('a link works once', async () => {
    const { id, url } = await issue('open', { data: { from: 'mail' } });
    const first = await app.request(url, { headers: { 'User-Agent': 'compat' } });
    expect({ status: first.status, json: first.json }).toEqual({
      status: 200,
      json: { user: { id: 1, name: 'Ada' }, data: { from: 'mail' }, useCount: 1, byToken: true },
    });
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(first.headers.get('referrer-policy')).toBe('no-referrer');
    expect(first.headers.get('x-robots-tag')).toBe('noindex');

    const second = await app.request(url, { headers: { 'User-Agent': 'compat' } });
    expect({ status: second.status, json: second.json }).toEqual({
      status: 403,
      json: refusal('token_exhausted'),
    });
    expect(await row(id)).toMatchObject({ use_count: 1, max_uses: 1 });

    const visit = {
      method: 'GET',
      path: '/api/v1/links/open',
      user_id: '1',
      client_ip: '127.0.0.1',
      user_agent: 'compat',
      duration_ms: expect.any(Number),
    };
    expect(await settled(id, 2)).toMatchObject([
      { ...visit, status_code: 200, outcome: 'used' },
      { ...visit, status_code: 403, outcome: 'token_exhausted' },
    ]);
  });

  test('a token of another scope is refused', async () => {
    const { id, url } = await issue('other', { target: '/api/v1/links/open' });
    const { status, json } = await app.request(url);
    expect({ status, json }).toEqual({ status: 403, json: refusal('token_scope_mismatch') });
    expect(await row(id)).toMatchObject({ use_count: 0 });
    expect(await settled(id, 1)).toMatchObject([{ outcome: 'token_scope_mismatch', status_code: 403 }]);
  });

  test('a refusal is a page for a browser', async () => {
    const { url } = await issue('other', { target: '/api/v1/links/open' });
    const { status, headers, text } = await app.request(url, { headers: BROWSER });
    expect({ status, type: headers.get('content-type') }).toEqual({
      status: 403,
      type: 'text/html; charset=utf-8',
    });
    expect(text).toContain('<!doctype html>');
  });

  test('an expired token is refused, by its JWT and by its row', async () => {
    const byJwt = await issue('open', { expiresIn: 1 });
    const byRow = await issue('open', { expiresIn: '1h' });
    await sql().query("UPDATE request_token SET expires_at = now() - interval '1 s' WHERE id = $1", [
      byRow.id,
    ]);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    for (const { url } of [byJwt, byRow]) {
      const { status, json } = await app.request(url);
      expect({ status, json }).toEqual({ status: 403, json: refusal('token_expired') });
    }
  });

  test('a changed token is refused', async () => {
    const { url, jwt } = await issue('open');
    const { json } = await app.request(url.replace(jwt, jwt.slice(0, -6) + 'AAAAAA'));
    expect(json).toEqual(refusal('token_signature_invalid'));
  });

  test('a revoked token is refused', async () => {
    const { id, url } = await issue('open');
    expect(await app.ask('revoke', { id })).toEqual({ revoked: 1 });
    expect((await app.request(url)).json).toEqual(refusal('token_revoked'));
    expect(await app.ask('inspect', { link: url })).toMatchObject({
      id,
      usable: false,
      code: 'token_revoked',
    });
  });

  test('required: false lets a request without a token pass, but none with a bad one', async () => {
    const { url } = await issue('optional');
    expect((await app.request('/api/v1/links/optional')).json).toEqual({ user: 'nobody' });
    expect((await app.request(url)).json).toEqual({ user: { id: 1, name: 'Ada' } });
    expect((await app.request(url)).json).toEqual(refusal('token_exhausted'));
    expect((await app.request('/api/v1/links/optional?rt=x')).json).toEqual(refusal('token_malformed'));
  });

  test('the APP_GUARD of the app sees the user of a token, and refuses whoever has none', async () => {
    const { url } = await issue('members');
    expect((await app.request('/api/v1/links/members')).status).toBe(401);
    const { status, json } = await app.request(url);
    expect({ status, json }).toEqual({ status: 200, json: { user: { id: 1, name: 'Ada' } } });
    // A token opens no route that is not decorated.
    expect((await app.request(url.replace('/members', '/undecorated'))).status).toBe(401);
  });

  test('a guard in AllowRequestToken lets a token pass, and refuses whoever has none', async () => {
    const { url } = await issue('strict');
    expect((await app.request('/api/v1/links/strict')).status).toBe(401);
    expect((await app.request(url)).text).toBe('passed');
  });

  test('a confirm page shows a form by GET, which acts by POST', async () => {
    const { id, url, jwt } = await issue('confirm');
    const page = await app.request(url, { headers: BROWSER });
    expect({ status: page.status, type: page.headers.get('content-type') }).toEqual({
      status: 200,
      type: 'text/html; charset=utf-8',
    });
    expect(page.text).toContain('<form method="post">');
    expect(page.text).toContain(`<input type="hidden" name="rt" value="${jwt}">`);
    expect(await row(id)).toMatchObject({ use_count: 0 });

    // As the form is sent; to its address without the query, so that the body has to bring the token.
    const post = () =>
      app.request(new URL(url).pathname, {
        method: 'POST',
        body: new URLSearchParams({ rt: jwt }),
        headers: BROWSER,
      });
    const { status, text } = await post();
    expect({ success: status >= 200 && status < 300, text }).toEqual({ success: true, text: 'acted' });
    expect(await row(id)).toMatchObject({ use_count: 1 });
    expect((await post()).status).toBe(403);
    expect(await settled(id, 2)).toMatchObject([
      { method: 'POST', outcome: 'used' },
      { method: 'POST', outcome: 'token_exhausted' },
    ]);
  });

  test('HEAD and a prefetch take no use', async () => {
    const { id, url } = await issue('open');
    expect((await app.request(url, { method: 'HEAD' })).status).toBe(200);
    expect((await app.request(url, { headers: { 'Sec-Purpose': 'prefetch' } })).status).toBe(503);
    expect(await row(id)).toMatchObject({ use_count: 0 });
    expect(await logs(id)).toEqual([]);
    expect((await app.request(url)).status).toBe(200);
  });

  test('of 64 requests at once one is let through', async () => {
    const { id, url } = await issue('open');
    const answers = await Promise.all(Array.from({ length: 64 }, () => app.request(url)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array<number>(63).fill(403)]);
    expect(await row(id)).toMatchObject({ use_count: 1 });
    const rows = await settled(id, 64);
    expect(rows.filter(({ outcome }) => outcome === 'used')).toHaveLength(1);
    expect(countOf(rows.filter(({ outcome }) => outcome === 'token_exhausted'))).toBe(63);
  });

  test('a failure of the handler gives the use back', async () => {
    const { id, url } = await issue('failing');
    expect((await app.request(url)).status).toBe(409);
    expect(await settled(id, 1)).toMatchObject([{ outcome: 'released', status_code: 409 }]);
    expect(await row(id)).toMatchObject({ use_count: 0 });
  });

  test('a use that is not logged is counted, and given back, all the same', async () => {
    const { id, url } = await issue('unlogged');
    expect((await app.request(url)).status).toBe(409);
    await waitFor(
      async () => ((await row(id)).use_count === 0 ? true : undefined),
      () => 'the use to be given back',
    );
    expect((await app.request(`${url}&well`)).status).toBe(200);
    expect((await app.request(`${url}&well`)).json).toEqual(refusal('token_exhausted'));
    expect(await logs(id)).toEqual([]);
  });

  test('route() knows global prefix, version and parameters', async () => {
    const { url } = await app.ask<Issued>('issue-event', { slug: 'a party' });
    const { pathname, searchParams } = new URL(url);
    expect([pathname, searchParams.get('utm')]).toEqual(['/api/v1/links/events/a%20party', 'mail']);
    expect((await app.request(url)).json).toEqual({ slug: 'a party' });
  });

  test('redeem takes a use outside HTTP', async () => {
    const { id, jwt } = await issue('job');
    expect(await app.ask('redeem', { jwt, scope: 'else' })).toEqual({ code: 'token_scope_mismatch' });
    expect(await app.ask('redeem', { jwt, scope: 'job' })).toEqual({ useCount: 1 });
    expect(await app.ask('redeem', { jwt, scope: 'job' })).toEqual({ code: 'token_exhausted' });
    expect(await row(id)).toMatchObject({ use_count: 1 });
  });

  test('redeem in a transaction is rolled back with it', async () => {
    const { id, jwt, url } = await issue('open');
    expect(await app.ask('redeem-and-roll-back', { jwt, scope: 'open' })).toEqual({ inside: [1] });
    expect(await row(id)).toMatchObject({ use_count: 0 });
    expect(await logs(id)).toEqual([]);
    expect((await app.request(url)).status).toBe(200);
  });

  test('the app has nothing to complain about', () => {
    expect(app.output).not.toMatch(/ERROR|WARN/);
  });
}
