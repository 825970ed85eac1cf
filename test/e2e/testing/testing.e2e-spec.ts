import type { Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, Header, Param, Req } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RequestTokenModule, type RequestTokenRequest, UseRequestToken } from 'nestjs-request-token';
import { requestTokenTesting } from 'nestjs-request-token/testing';
import { ADAPTER_NAMES, createApp } from '../../support/adapters.js';
import { SECRET, TestApp } from '../../support/test-app.js';

let runs: string[] = [];

@Controller('events')
class EventsController {
  @All(':slug')
  @UseRequestToken({ scope: 'rsvp', confirm: true })
  rsvp(@Param('slug') slug: string, @Req() request: RequestTokenRequest & { headers: { cookie?: string } }) {
    runs.push(slug);
    return `${(request.user as { id: string }).id} comes to ${slug}`;
  }

  @Get('direct/:slug')
  @UseRequestToken({ scope: 'direct', direct: true })
  direct() {
    return 'opened';
  }
}

/** Pages as an app may draw them, with a form of its own. */
@Controller('own')
class OwnPagesController {
  @All('page')
  @UseRequestToken({ scope: 'own', required: false })
  @Header('Set-Cookie', 'csrf=1; Path=/')
  page(@Req() { method, headers, body }: { method: string; headers: Record<string, string>; body: unknown }) {
    if (method === 'POST') return { cookie: headers.cookie, origin: headers.origin, body };
    return `<form action="/search"><input name=q></form>
      <FORM METHOD='post'
        action="?step=2&amp;x=%22"><input type="hidden" name="a&lt;b" value="&quot;1&quot; &amp; 2">
      <input value='3' name='three'><input type=submit><button>Go</button></FORM>`;
  }
}

const controllers = [EventsController, OwnPagesController];

describe.each(ADAPTER_NAMES)('%s: The test kit', (adapter) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ adapter, controllers, token: { baseUrl: 'https://example.com/base' } });
  });
  afterAll(() => app.close());
  afterEach(() => {
    app.kit.clock.reset();
    runs = [];
  });

  const link = (options: object = {}) =>
    app.kit.link(EventsController, 'rsvp', { user: 7, params: { slug: 'spring' }, ...options });

  it('makes links to routes', async () => {
    const { path, url, jwt, token } = await link({ query: { utm: 'x' }, maxUses: 2, data: { seats: 3 } });
    expect(path).toBe(`/events/spring?rt=${jwt}&utm=x`);
    expect(url).toBe(`https://example.com/base${path}`);
    expect(token).toMatchObject({ userId: '7', scope: 'rsvp', maxUses: 2, data: { seats: 3 } });
    await app.http.post(path).expect(200, '7 comes to spring');
  });

  it('scans a link as mail providers do', async () => {
    const rsvp = await link();
    expect(await app.kit.scan(rsvp)).toEqual({ head: 200, get: 200, browser: 200, prefetch: 503 });
    expect(runs).toEqual([]);
    expect(await app.kit.log(rsvp)).toEqual([]);

    const direct = await app.kit.link(EventsController, 'direct', { params: { slug: 'x' } });
    expect(await app.kit.scan(direct)).toEqual({ head: 200, get: 200, browser: 403, prefetch: 503 });
  });

  it('clicks through a confirm page', async () => {
    const rsvp = await link();
    expect(await app.kit.click(rsvp)).toMatchObject({ status: 200, text: '7 comes to spring' });
    expect(runs).toEqual(['spring']);
    const refused = await app.kit.click(rsvp);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('already been used');
  });

  it('takes links that the app has made, by URL or by path', async () => {
    const { url, path } = await link({ maxUses: 2 });
    expect((await app.kit.click(url)).status).toBe(200);
    expect((await app.kit.click(path)).status).toBe(200);
    await expect(app.kit.click('https://elsewhere.example')).rejects.toThrow('target must be');
  });

  it("sends an app's own form with its fields and cookies, to where it says", async () => {
    const { status, text } = await app.kit.click('/own/page?step=1');
    expect({ status, ...(JSON.parse(text) as object) }).toEqual({
      status: 200,
      cookie: 'csrf=1',
      origin: 'http://localhost',
      body: { 'a<b': '"1" & 2', three: '3' },
    });
  });

  it('says so if there is nothing to click', async () => {
    const direct = await app.kit.link(EventsController, 'direct', { params: { slug: 'x' } });
    await expect(app.kit.click(direct)).rejects.toThrow('/events/direct/x has no form');
  });

  it('moves the time of JWT and row alike, and back', async () => {
    const rsvp = await link({ expiresIn: '30d' });
    app.kit.clock.advance('29d');
    expect((await app.kit.scan(rsvp)).get).toBe(200);
    app.kit.clock.advance(2 * 24 * 60 * 60);
    const { status, text } = await app.kit.click(rsvp);
    expect({ status, expired: text.includes('expired') }).toEqual({ status: 403, expired: true });
    const [log] = await app.kit.log(rsvp);
    expect(log).toMatchObject({ outcome: 'token_expired', statusCode: 403 });
    expect(log.startedAt.getTime()).toBeGreaterThan(Date.now() + 30 * 24 * 60 * 60 * 1_000);
    app.kit.clock.reset();
    expect((await app.kit.click(rsvp)).status).toBe(200);

    // Here the JWT says nothing of an expiry.
    const byRow = await link();
    await app.dataSource.manager.update('request_token', byRow.token.id, {
      expiresAt: new Date(Date.now() + 60_000),
    });
    app.kit.clock.advance('61s');
    expect((await app.kit.click(byRow)).status).toBe(403);
    expect(() => app.kit.clock.advance('soon')).toThrow(TypeError);
  });

  it('reads the log once it is settled, by whatever names the token', async () => {
    const rsvp = await link();
    await app.kit.click(rsvp);
    await app.kit.click(rsvp);
    const logs = await app.kit.log(rsvp);
    expect(logs).toMatchObject([
      { outcome: 'used', method: 'POST', statusCode: 200, clientIp: '127.0.0.1' },
      { outcome: 'token_exhausted', method: 'GET', statusCode: 403 },
    ]);
    app.kit.clock.advance('1d');
    for (const name of [rsvp.url, rsvp.path, rsvp.jwt, rsvp.token, rsvp.token.id]) {
      expect(await app.kit.log(name)).toEqual(logs);
    }
    await expect(app.kit.log('nonsense')).rejects.toThrow(TypeError);
  });

  it('asks an app that does not listen', async () => {
    const { url } = app.dataSource.options as { url: string };
    const moduleRef = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url, autoLoadEntities: true }),
        RequestTokenModule.forRoot({ keys: SECRET, baseUrl: 'https://example.com' }),
      ],
      controllers,
    }).compile();
    const silent = createApp(adapter, moduleRef, { logger: false, trustProxy: false });
    await silent.init();
    try {
      const kit = requestTokenTesting(silent);
      const rsvp = await kit.link(EventsController, 'rsvp', { user: 7, params: { slug: 'spring' } });
      expect(await kit.scan(rsvp)).toEqual({ head: 200, get: 200, browser: 200, prefetch: 503 });
      expect((await kit.click(rsvp)).text).toBe('7 comes to spring');
      expect(await kit.log(rsvp)).toMatchObject([{ outcome: 'used', clientIp: '127.0.0.1' }]);
      expect((silent.getHttpServer() as Server).listening).toBe(false);
    } finally {
      await silent.close();
    }
  });
});
