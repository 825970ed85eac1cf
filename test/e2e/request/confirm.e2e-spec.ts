import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, Req } from '@nestjs/common';
import {
  requestTokenField,
  requestTokenQuery,
  type RequestTokenRequest,
  UseRequestToken,
} from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { pathOf, TestApp } from '../../support/test-app.js';

let runs: string[] = [];

@Controller()
class PagesController {
  @All('unsubscribe')
  @UseRequestToken({ scope: 'unsubscribe', confirm: true })
  unsubscribe(@Req() request: RequestTokenRequest & { method: string }) {
    runs.push(request.method);
    return `Good-bye, ${(request.user as { id: string }).id}`;
  }

  @All('delete')
  @UseRequestToken({
    scope: 'delete',
    confirm: {
      title: 'Delete <everything>?',
      button: 'Delete "all"',
      translations: { fr: { title: 'Tout supprimer ?', button: 'Supprimer' } },
    },
  })
  remove() {}

  @All('optional')
  @UseRequestToken({ scope: 'optional', required: false, confirm: true })
  optional(@Req() request: { method: string }) {
    return `anonymous ${request.method}`;
  }

  @Get('form')
  @UseRequestToken({ scope: 'form', direct: true })
  form(@Req() request: object) {
    return { field: requestTokenField(request), query: requestTokenQuery(request) };
  }

  @Get('plain')
  plain(@Req() request: object) {
    return { field: requestTokenField(request), query: requestTokenQuery(request) };
  }
}

const MULTIPART = [
  '--boundary',
  'Content-Disposition: form-data; name="List-Unsubscribe"',
  '',
  'One-Click',
  '--boundary--',
  '',
].join('\r\n');

describe.each(ADAPTER_NAMES)('%s: A confirm route', (adapter) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ adapter, controllers: [PagesController] });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    runs = [];
  });

  const issue = (options: object = {}) =>
    app.tokens.issue({ user: 7, scope: 'unsubscribe', target: '/unsubscribe', ...options });
  const page = async (url: string, language = 'en') =>
    (await app.get(url).set('Accept', 'text/html').set('Accept-Language', language).expect(200)).text;

  it('shows a page by GET, and takes no use', async () => {
    const { url, token, jwt } = await issue();
    const { text, headers } = await app.get(url).set('Accept', 'text/html').expect(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
      'referrer-policy': 'same-origin',
    });
    expect(text).toContain('<form method="post">');
    expect(text).toContain(`<input type="hidden" name="rt" value="${jwt}">`);
    expect(text.match(/<button/g)).toHaveLength(1);
    expect(runs).toEqual([]);
    expect((await app.row(token.id)).useCount).toBe(0);
    expect(await app.logs(token.id)).toEqual([]);
  });

  it('runs nothing on its page but the script that its policy names, loads nothing, and is in no frame', async () => {
    const { text, headers } = await app.get((await issue()).url).expect(200);
    const scripts = [...text.matchAll(/<script>([^]*?)<\/script>/g)].map(([, script]) => script);
    expect(scripts).toHaveLength(1);
    const hash = createHash('sha256').update(scripts[0]).digest('base64');
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(headers['content-security-policy']).toContain(`script-src 'sha256-${hash}'`);
    expect(headers['x-frame-options']).toBe('DENY');
    expect(text.replace(scripts[0], '')).not.toMatch(
      /javascript:|onclick|onload|http-equiv|<img|<link|src=/i,
    );
  });

  it('adds to what varies its answers, as the app has it, and replaces nothing', async () => {
    const own = await TestApp.start({
      adapter,
      controllers: [PagesController],
      configure: (nest) => nest.enableCors({ origin: ['https://a.example', 'https://b.example'] }),
    });
    const { url } = await own.tokens.issue({ user: 7, scope: 'unsubscribe', target: '/unsubscribe' });
    const { headers } = await own.get(url).set('Origin', 'https://a.example').expect(200);
    expect(headers.vary.split(', ')).toEqual(['Origin', 'Accept', 'Accept-Language']);
    expect(headers['access-control-allow-origin']).toBe('https://a.example');
    await own.close();
  });

  it('answers HEAD as GET, without a body', async () => {
    const { url, token } = await issue();
    const { headers, text } = await app.http.head(pathOf(url)).expect(200);
    const asked = await app.get(url).expect(200);
    for (const name of ['content-type', 'cache-control', 'referrer-policy', 'content-security-policy']) {
      expect({ [name]: headers[name] }).toEqual({ [name]: asked.headers[name] });
    }
    expect(text ?? '').toBe('');
    expect(runs).toEqual([]);
    expect((await app.row(token.id)).useCount).toBe(0);
  });

  it.each<[string, (link: { url: string; jwt: string }) => Promise<{ status: number; text: string }>]>([
    ['the form of its page', ({ url, jwt }) => app.http.post(pathOf(url)).type('form').send({ rt: jwt })],
    ['a form without the query', ({ jwt }) => app.http.post('/unsubscribe').type('form').send({ rt: jwt })],
    [
      'a one-click POST, urlencoded',
      ({ url }) => app.http.post(pathOf(url)).type('form').send('List-Unsubscribe=One-Click'),
    ],
    [
      'a one-click POST, multipart',
      ({ url }) =>
        app.http
          .post(pathOf(url))
          .set('Content-Type', 'multipart/form-data; boundary=boundary')
          .send(MULTIPART),
    ],
    ['a POST without a body', ({ url }) => app.http.post(pathOf(url))],
  ])('acts on %s: no redirect, no second page', async (_, send) => {
    const issued = await issue();
    const { status, text } = await send(issued);
    expect({ status, text }).toEqual({ status: 200, text: 'Good-bye, 7' });
    expect(runs).toEqual(['POST']);
    expect((await app.settledLogs(issued.token.id))[0]).toMatchObject({ outcome: 'used', method: 'POST' });
  });

  it('answers 200 again when a link of unlimited uses is repeated', async () => {
    const { url, token } = await issue({ maxUses: null });
    for (let click = 1; click <= 3; click++) {
      await app.http.post(pathOf(url)).type('form').send('List-Unsubscribe=One-Click').expect(200);
    }
    expect((await app.row(token.id)).useCount).toBe(3);
  });

  it.each([
    ['token_exhausted', { useCount: 1 }],
    ['token_revoked', { revokedAt: new Date() }],
    ['token_expired', { expiresAt: new Date(1) }],
  ])('says %s by GET and HEAD, instead of showing the button', async (code, values) => {
    const { url, token } = await issue();
    await app.dataSource.manager.update('request_token', { id: token.id }, values);
    const { body } = await app.get(url).expect(403);
    expect(body.code).toBe(code);
    await app.http.head(pathOf(url)).expect(403);
    const { text } = await app.get(url).set('Accept', 'text/html').expect(403);
    expect(text).not.toContain('<button');
  });

  it.each(['put', 'patch', 'delete', 'options'] as const)('answers %s with 405 and Allow', async (method) => {
    const { url, token } = await issue();
    const { headers } = await app.http[method](pathOf(url)).expect(405);
    expect(headers.allow).toBe('GET, HEAD, POST');
    expect(runs).toEqual([]);
    expect((await app.row(token.id)).useCount).toBe(0);
  });

  it('answers a prefetch with 503', async () => {
    await app
      .get((await issue()).url)
      .set('Sec-Purpose', 'prefetch')
      .expect(503);
  });

  it('leaves a request without a token to its handler, if it is optional', async () => {
    await app.http.get('/optional').expect(200, 'anonymous GET');
    await app.http.post('/optional').expect(200, 'anonymous POST');
    const { jwt } = await app.tokens.issue({ scope: 'optional' });
    expect((await app.http.get('/optional').query({ rt: jwt })).text).toContain('<button>Confirm</button>');
  });

  it('speaks the language of its reader', async () => {
    const { url } = await issue();
    expect(await page(url, 'de-AT, en;q=0.5')).toMatch(/<html lang="de">[^]*<button>Bestätigen<\/button>/);
    expect(await page(url, 'xx, en;q=0.1')).toMatch(/<html lang="en">/);
    expect(await page(url, 'tlh')).toMatch(/<html lang="en">/);
  });

  it('has texts of its own, escaped, by language', async () => {
    const { url } = await issue({ scope: 'delete', target: '/delete' });
    const english = await page(url);
    expect(english).toContain('<h1>Delete &lt;everything&gt;?</h1>');
    expect(english).toContain('<button>Delete &quot;all&quot;</button>');
    expect(english).toContain('Nothing has happened yet.');
    expect(await page(url, 'fr')).toMatch(
      /<html lang="fr">[^]*<h1>Tout supprimer \?<\/h1>[^]*<button>Supprimer</,
    );
    // Better the route's own words in English than words that fit any route in German.
    expect(await page(url, 'de')).toMatch(/<html lang="en">[^]*Delete/);
  });

  it('gives templates of the app the hidden field and the query', async () => {
    const { jwt } = await app.tokens.issue({ scope: 'form' });
    const { body } = await app.http.get('/form').query({ rt: jwt }).expect(200);
    expect(body).toEqual({ field: `<input type="hidden" name="rt" value="${jwt}">`, query: `?rt=${jwt}` });
    expect((await app.http.get('/plain').query({ rt: jwt })).body).toEqual({ field: '', query: '' });
  });

  it('can be drawn by the app', async () => {
    const own = await TestApp.start({
      adapter,
      controllers: [PagesController],
      token: {
        pages: {
          texts: { en: { confirm: { title: 'Sure?' } } },
          render: (drawn) =>
            Promise.resolve(`<h1>${drawn.title}</h1>${drawn.kind === 'confirm' ? drawn.field : drawn.code}`),
        },
      },
    });
    const { url, jwt } = await own.tokens.issue({ user: 7, scope: 'unsubscribe', target: '/unsubscribe' });
    const { text, headers } = await own.get(url).expect(200);
    expect(text).toBe(`<h1>Sure?</h1><input type="hidden" name="rt" value="${jwt}">`);
    expect(headers['content-security-policy']).toBe("frame-ancestors 'none'");
    const refused = await own.http.get('/unsubscribe').set('Accept', 'text/html').expect(403);
    expect(refused.text).toContain('token_missing');
    await own.close();
  });
});

describe.each(ADAPTER_NAMES)("%s: A confirm page of the app's own", (adapter) => {
  it("keeps the app's Content-Security-Policy, and is in no frame either", async () => {
    const app = await TestApp.start({
      adapter,
      controllers: [PagesController],
      token: { pages: { render: () => '<h1>Sure?</h1>' } },
      configure: (nest) =>
        nest.use((_: unknown, response: ServerResponse, next: () => void) => {
          response.setHeader('Content-Security-Policy', "default-src 'self'; frame-ancestors 'self'");
          next();
        }),
    });
    for (const path of [pathOf((await app.tokens.issue({ scope: 'unsubscribe' })).url), '/']) {
      const { headers } = await app.http.get(`/unsubscribe${path.slice(1)}`).set('Accept', 'text/html');
      expect(headers['content-security-policy']).toBe(
        "default-src 'self'; frame-ancestors 'self', frame-ancestors 'none'",
      );
    }
    await app.close();
  });
});

describe('At boot', () => {
  @Controller()
  class ByGetOnly {
    @Get('x')
    @UseRequestToken({ scope: 'x', confirm: true })
    x() {}
  }

  @Controller()
  class Direct {
    @Get('used-up')
    @UseRequestToken({ scope: 'x' })
    usedUp() {}

    @Get('meant')
    @UseRequestToken({ scope: 'x', direct: true })
    meant() {}

    @All('confirmed')
    @UseRequestToken({ scope: 'x', confirm: true })
    confirmed() {}
  }

  it('a confirm route that is not declared with @All() is refused', async () => {
    await expect(TestApp.start({ controllers: [ByGetOnly] })).rejects.toThrow(/ByGetOnly.x: .*@All\(\)/);
  });

  it('a GET route that uses tokens up is warned of, once, unless it is meant', async () => {
    const warnings: string[] = [];
    const logger = { log() {}, error() {}, warn: (text: string) => warnings.push(text) };
    const app = await TestApp.start({ controllers: [Direct], logger });
    for (let open = 1; open <= 2; open++) await app.http.get('/used-up');
    await app.close();
    expect(warnings.filter((text) => text.includes('mail scanners'))).toEqual([
      expect.stringMatching(/^Direct.usedUp \(\/used-up\)/),
    ]);
  });
});
