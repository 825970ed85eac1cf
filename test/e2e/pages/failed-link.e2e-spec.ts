import { afterEach, describe, expect, it } from '@jest/globals';
import { type ArgumentsHost, Catch, Controller, type ExceptionFilter, Get } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import {
  type OnRefused,
  type RefusedContext,
  type RequestTokenPageRenderer,
  RequestTokenErrorCode,
  RequestTokenException,
  TokenService,
  UseRequestToken,
} from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { LogKeeper } from '../../support/log-keeper.js';
import { TestApp, type TestAppOptions } from '../../support/test-app.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

@Controller()
class PagesController {
  constructor(private readonly tokens: TokenService) {}

  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp', direct: true })
  rsvp() {
    return 'Welcome';
  }

  @Get('by-hand')
  byHand() {
    return this.tokens.redeem('junk');
  }

  @Get('throws/:code')
  throws() {
    throw new RequestTokenException(code);
  }
}

let code: RequestTokenErrorCode;

describe.each(ADAPTER_NAMES)('%s: A link that fails', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());
  const start = async (options: TestAppOptions = {}) =>
    (app = await TestApp.start({ adapter, controllers: [PagesController], ...options }));
  const issue = (options: object = {}) => app.tokens.issue({ scope: 'rsvp', target: '/rsvp', ...options });
  const open = (url: string, language = 'en') =>
    app.get(url).set('Accept', BROWSER).set('Accept-Language', language);

  it('shows a person a page that says what happened, by code and in two languages', async () => {
    await start();
    const pages = new Set<string>();
    for (const each of Object.values(RequestTokenErrorCode)) {
      code = each;
      for (const language of ['en', 'de']) {
        const { text, headers } = await open('https://example.com/throws/x', language).expect(403);
        expect(headers['content-type']).toBe('text/html; charset=utf-8');
        expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
        expect(text).toContain(`<html lang="${language}">`);
        expect(text).toMatch(/<h1>.{10,}<\/h1>\s*<p>.{10,}<\/p>/);
        expect(text).not.toMatch(/token|<form|undefined/);
        pages.add(text);
      }
    }
    // Damaged is damaged, and another page is another page, whatever the code.
    expect(pages.size).toBe((Object.keys(RequestTokenErrorCode).length - 2) * 2);
  });

  it.each([
    ['a program that asks for JSON', 'application/json'],
    ['a client that takes anything', '*/*'],
    ['a client that does not say', ''],
  ])('answers %s with JSON', async (_, accept) => {
    await start();
    const { body } = await app.http.get('/rsvp').set('Accept', accept).expect(403);
    expect(body).toEqual({
      statusCode: 403,
      error: 'Forbidden',
      code: 'token_missing',
      message: expect.any(String),
    });
  });

  it('protects the link on its page, too', async () => {
    await start();
    const { headers } = await open('https://example.com/rsvp?rt=junk').expect(403);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    });
  });

  it('shows a page when the app redeems by itself', async () => {
    await start();
    const { text } = await open('https://example.com/by-hand').expect(403);
    expect(text).toContain('This link is damaged');
  });

  it('has the texts of the app, laid over those of the module', async () => {
    await start({
      token: {
        pages: {
          texts: {
            en: { refusals: { token_missing: { title: 'Oh <no>' } } },
            fr: { refusals: { token_missing: { title: 'Il manque un lien' } } },
          },
          fallbackLanguage: 'fr',
        },
      },
    });
    const url = 'https://example.com/rsvp';
    expect((await open(url)).text).toMatch(/<h1>Oh &lt;no&gt;<\/h1>\s*<p>This page only opens/);
    expect((await open(url, 'tlh')).text).toMatch(/<html lang="fr">[^]*Il manque un lien/);
    expect((await open(url, 'de')).text).toMatch(/<html lang="de">[^]*Es fehlt ein Link/);
  });

  it('says 503 to a person, when it could not be checked', async () => {
    await start();
    const { url } = await issue();
    await app.dataSource.query('ALTER TABLE request_token RENAME TO away');
    const { text } = await open(url).expect(503);
    expect(text).toContain('Please try again in a moment');
  });

  it('is answered with JSON when the page of the app cannot be drawn', async () => {
    const render = () => Promise.reject(new Error('no template'));
    await start({ token: { pages: { render } } });
    const { body } = await open('https://example.com/rsvp').expect(403);
    expect(body.code).toBe('token_missing');
    await open('https://example.com/rsvp').expect(403);
  });

  it.each([
    ['throws whatever', () => Promise.reject(Object.create(null) as Error), undefined],
    [
      'throws, and the logger does as well',
      () => Promise.reject(new Error('no template')),
      Object.assign(new LogKeeper(), {
        error: () => {
          throw new Error('the disk is full');
        },
      }),
    ],
  ])('is answered with JSON when what draws the page of the app %s', async (_, render, logger) => {
    await start({ token: { pages: { render } }, logger });
    const { body } = await open('https://example.com/rsvp').expect(403);
    expect(body.code).toBe('token_missing');
  });

  it.each([
    ['draws nothing', () => undefined, 'returned undefined'],
    ['draws something else', () => ({ html: '<h1>' }), 'returned object'],
    ['never ends', () => new Promise(() => undefined), 'pages.render has not answered in time'],
  ])("has the library's own page when what draws the app's %s, and that is logged", async (_, draw, text) => {
    const logger = new LogKeeper();
    const render = draw as unknown as RequestTokenPageRenderer;
    await start({ token: { pages: { render }, statementTimeout: '500ms' }, logger });
    const answer = await open('https://example.com/rsvp').expect(403);
    expect(answer.text).toContain('This page only opens');
    expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'/);
    expect(logger.errors).toContainEqual(expect.stringContaining(text));
  });

  it("is the business of the app's own filter, if there is one", async () => {
    @Catch(RequestTokenException)
    class OwnFilter implements ExceptionFilter {
      catch(refusal: RequestTokenException, host: ArgumentsHost) {
        host
          .switchToHttp()
          .getResponse<{ status(code: number): { send(body: string): void } }>()
          .status(410)
          .send(`own page: ${refusal.code}`);
      }
    }
    await start({ providers: [{ provide: APP_FILTER, useClass: OwnFilter }] });
    await open('https://example.com/rsvp').expect(410, 'own page: token_missing');
  });

  describe('asks onRefused', () => {
    let contexts: RefusedContext[] = [];
    let help: OnRefused;
    const onRefused: OnRefused = (context) => {
      contexts.push(context);
      return help(context);
    };

    it.each(['text/html', 'application/json'])('only for so long, for %s, and logs it', async (accept) => {
      const logger = new LogKeeper();
      help = () => new Promise(() => undefined);
      await start({ token: { onRefused, statementTimeout: '500ms' }, logger });
      const { text } = await app.http.get('/rsvp').set('Accept', accept).expect(403);
      expect(text).toContain(accept === 'text/html' ? 'This page only opens' : 'token_missing');
      expect(logger.errors).toContainEqual(expect.stringContaining('onRefused has not answered in time'));
    });

    it('with code, claims, token and request, when the signature was good', async () => {
      contexts = [];
      help = () => undefined;
      await start({ token: { onRefused } });
      const { url, token } = await issue({ expiresIn: '30d' });
      app.kit.clock.advance('31d');
      await open(url, 'de').expect(403);
      await open('https://example.com/rsvp?rt=junk').expect(403);
      expect(contexts).toMatchObject([
        {
          code: 'token_expired',
          lang: 'de',
          claims: { jti: token.id },
          token: { id: token.id },
          request: { method: 'GET' },
        },
        { code: 'token_malformed' },
      ]);
      expect(contexts[1].claims).toBeUndefined();
      expect(contexts[1].token).toBeUndefined();
    });

    it('and shows its text and link, escaped', async () => {
      help = () =>
        Promise.resolve({ text: 'Try <this>:', link: { url: '/fresh?a=1&b="2"', text: 'A new <link>' } });
      await start({ token: { onRefused } });
      const { text } = await open('https://example.com/rsvp').expect(403);
      expect(text).toContain('<p>Try &lt;this&gt;:</p>');
      expect(text).toContain('<a href="/fresh?a=1&amp;b=&quot;2&quot;">A new &lt;link&gt;</a>');
      const { body } = await app.http.get('/rsvp').expect(403);
      expect(Object.keys(body)).toEqual(['statusCode', 'error', 'code', 'message']);
    });

    it('and does without when it fails', async () => {
      help = () => {
        throw new Error('no help today');
      };
      await start({ token: { onRefused } });
      const { text } = await open('https://example.com/rsvp').expect(403);
      expect(text).toContain('There is a link missing');
    });
  });
});
