import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  All,
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  HttpCode,
  HttpException,
} from '@nestjs/common';
import type { IssueOptions } from 'nestjs-request-token';
import { UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { pathOf, TestApp } from '../../support/test-app.js';

let runs = 0;

@Controller()
class PagesController {
  @All('unsubscribe')
  @UseRequestToken({
    scope: 'unsubscribe',
    confirm: {
      title: 'Unsubscribe <ann>?',
      button: 'Unsubscribe',
      translations: { fr: { title: 'Se désabonner ?', message: 'Plus de courrier.', button: 'Oui' } },
    },
  })
  unsubscribe() {
    runs++;
    return 'done';
  }

  @All('personal')
  @UseRequestToken({
    scope: 'personal',
    confirm: ({ user, token }) => ({
      title: `Unsubscribe ${(user as { id: string }).id} from ${String(token.data.list)}?`,
      button: token.data.wrong as string,
      translations: { de: { title: `${(user as { id: string }).id} abmelden?` } },
    }),
  })
  personal() {}

  @All('too-late')
  @UseRequestToken({
    scope: 'personal',
    confirm: (() => Promise.reject(new Error('no such list'))) as unknown as () => object,
  })
  tooLate() {}

  @All('plain')
  @HttpCode(202)
  @UseRequestToken({ confirm: true })
  plain() {}
}

const AXIOS = 'application/json, text/plain, */*';

describe.each(ADAPTER_NAMES)('%s: GET of a confirm route by a client that asks for JSON', (adapter) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ adapter, controllers: [PagesController] });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    runs = 0;
  });

  const issue = (options: Partial<IssueOptions> = {}) =>
    app.tokens.issue({ user: 7, scope: 'unsubscribe', target: '/unsubscribe', ...options });
  const ask = (url: string, accept = 'application/json', language = 'en') =>
    app.get(url).set('Accept', accept).set('Accept-Language', language);

  it('answers with what the page would say, and takes no use', async () => {
    const { url, token, jwt } = await issue({ expiresIn: '1d' });
    const { body, headers, text } = await ask(url).expect(200);
    expect(body).toEqual({
      kind: 'confirm',
      lang: 'en',
      title: 'Unsubscribe <ann>?',
      message: expect.stringContaining('Nothing has happened yet'),
      button: 'Unsubscribe',
      scope: 'unsubscribe',
      expiresAt: token.expiresAt?.toISOString(),
      usesLeft: 1,
    });
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-language': 'en',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
      vary: 'Accept, Accept-Language',
    });
    expect(text).not.toContain(jwt);
    expect(runs).toBe(0);
    expect((await app.row(token.id)).useCount).toBe(0);
    expect(await app.logs(token.id)).toEqual([]);
    await app.http.post(pathOf(url)).expect(200, 'done');
  });

  it('says how many uses are left, by the row', async () => {
    const { url, token } = await issue({ maxUses: 3 });
    await app.http.post(pathOf(url)).expect(200);
    await app.kit.settled();
    expect((await ask(url)).body).toMatchObject({ usesLeft: 2, expiresAt: null });
    await app.dataSource.manager.update('request_token', token.id, { maxUses: 9 });
    expect((await ask(url)).body).toMatchObject({ usesLeft: 8 });
  });

  it('says null of uses that are unlimited, of a token that never expires, and of none for a scope', async () => {
    const { url } = await app.tokens.issue({ target: '/plain', maxUses: null });
    expect((await ask(url).expect(200)).body).toMatchObject({ scope: null, expiresAt: null, usesLeft: null });
  });

  it("has the texts of the route, in the reader's language", async () => {
    const { url } = await issue();
    const { body, headers } = await ask(url, 'application/json', 'fr-CH, en;q=0.5');
    expect(body).toMatchObject({
      lang: 'fr',
      title: 'Se désabonner ?',
      message: 'Plus de courrier.',
      button: 'Oui',
    });
    expect(headers['content-language']).toBe('fr');
  });

  it('has texts made for its reader, as the page has', async () => {
    const { url } = await app.tokens.issue({
      user: 7,
      scope: 'personal',
      target: '/personal',
      data: { list: '<News>', wrong: 'Yes' },
    });
    expect((await ask(url)).body).toMatchObject({ title: 'Unsubscribe 7 from <News>?', button: 'Yes' });
    expect((await ask(url, 'application/json', 'de')).body).toMatchObject({ title: '7 abmelden?' });
    expect((await ask(url, 'text/html').expect(200)).text).toContain(
      '<h1>Unsubscribe 7 from &lt;News&gt;?</h1>',
    );
  });

  // A rejection that nobody handles would end the process, and fails the test.
  it.each([
    ['cannot be made', '/personal'],
    ['are promised', '/too-late'],
  ])('says that it is unavailable where these %s, and takes no use', async (_, target) => {
    const options = { user: 7, scope: 'personal', target, data: { wrong: 42 } };
    const { url, token } = await app.tokens.issue(options);
    for (const accept of ['application/json', 'text/html']) await ask(url, accept).expect(503);
    expect((await app.row(token.id)).useCount).toBe(0);
  });

  it('answers HEAD alike, without a body', async () => {
    const { url, token } = await issue();
    const { headers, text } = await app.http.head(pathOf(url)).set('Accept', 'application/json').expect(200);
    const asked = await ask(url);
    for (const name of ['content-type', 'cache-control', 'content-language', 'vary']) {
      expect({ [name]: headers[name] }).toEqual({ [name]: asked.headers[name] });
    }
    expect(text ?? '').toBe('');
    expect((await app.row(token.id)).useCount).toBe(0);
  });

  it.each(['application/json', AXIOS, '*/*', 'application/json;q=0.9, text/html;q=0.1', 'application/*'])(
    'is asked for by %s',
    async (accept) => {
      expect((await ask((await issue()).url, accept).expect(200)).body).toMatchObject({ kind: 'confirm' });
    },
  );

  it.each([
    'text/html',
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8',
    'application/json;q=0.1, text/html',
  ])('is not what %s asks for', async (accept) => {
    const { headers } = await ask((await issue()).url, accept).expect(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
  });

  it('is not what a client gets that says nothing', async () => {
    const { headers } = await app.get((await issue()).url).expect(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
  });

  it.each([
    ['token_exhausted', { useCount: 1 }],
    ['token_revoked', { revokedAt: new Date() }],
    ['token_expired', { expiresAt: new Date(1) }],
  ])('says %s of a link that would not work', async (code, values) => {
    const { url, token } = await issue();
    await app.dataSource.manager.update('request_token', token.id, values);
    const { body, headers } = await ask(url).expect(403);
    expect(body).toEqual({ statusCode: 403, error: 'Forbidden', code, message: expect.any(String) });
    expect(headers.vary).toBe('Accept');
    await app.http.head(pathOf(url)).set('Accept', 'application/json').expect(403);
  });

  it('answers a prefetch with 503, and other methods with 405', async () => {
    const { url } = await issue();
    await ask(url).set('Sec-Purpose', 'prefetch').expect(503);
    for (const method of ['put', 'delete'] as const) {
      const { headers } = await app.http[method](pathOf(url)).set('Accept', 'application/json').expect(405);
      expect(headers.allow).toBe('GET, HEAD, POST');
    }
  });

  it('is JSON beside middleware that says another type, and filters that catch all', async () => {
    @Catch()
    class CatchAll implements ExceptionFilter {
      catch(error: unknown, host: ArgumentsHost) {
        const { httpAdapter } = own;
        httpAdapter.reply(
          host.switchToHttp().getResponse(),
          { caught: true },
          error instanceof HttpException ? error.getStatus() : 500,
        );
      }
    }
    let own = undefined as unknown as { httpAdapter: ReturnType<TestApp['app']['getHttpAdapter']> };
    const other = await TestApp.start({
      adapter,
      controllers: [PagesController],
      configure: (nest) => {
        own = { httpAdapter: nest.getHttpAdapter() };
        nest.useGlobalFilters(new CatchAll());
        nest.use((_: unknown, response: { setHeader(...field: string[]): void }, next: () => void) => {
          response.setHeader('Content-Type', 'text/html');
          response.setHeader('Vary', 'Accept-Encoding');
          next();
        });
      },
    });
    const { url } = await other.tokens.issue({ user: 7, scope: 'unsubscribe', target: '/unsubscribe' });
    const { body, headers } = await other.get(url).set('Accept', 'application/json').expect(200);
    expect(body).toMatchObject({ kind: 'confirm' });
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(headers.vary).toBe('Accept-Encoding, Accept, Accept-Language');
    await other.close();
  });
});
