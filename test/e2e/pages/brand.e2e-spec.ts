import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { All, Controller } from '@nestjs/common';
import { type RequestTokenBrand, UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { TestApp, type TestAppOptions } from '../../support/test-app.js';

@Controller()
class PagesController {
  @All('unsubscribe')
  @UseRequestToken({
    scope: 'unsubscribe',
    confirm: { title: 'Unsubscribe?', translations: { fi: { title: 'Perutaanko tilaus?' } } },
  })
  unsubscribe() {}
}

const BRAND: RequestTokenBrand = {
  name: 'Smith & <Sons>',
  logoUrl: '/logo.svg?a=1&b="2"',
  color: '#7a1f3d',
  supportUrl: 'https://example.com/help?a=1&b=2',
};

describe.each(ADAPTER_NAMES)('%s: A brand', (adapter) => {
  let app: TestApp;
  afterEach(() => app?.close());

  const start = async (pages: object, token: TestAppOptions['token'] = {}) =>
    (app = await TestApp.start({ adapter, controllers: [PagesController], token: { pages, ...token } }));
  const open = (url: string, language = 'en') =>
    app.get(url).set('Accept', 'text/html').set('Accept-Language', language);
  const confirm = async () => (await app.tokens.issue({ scope: 'unsubscribe', target: '/unsubscribe' })).url;
  const REFUSED = 'https://example.com/unsubscribe';

  it('stands on pages to confirm, on refusals and where nothing could be checked, escaped', async () => {
    await start({ brand: BRAND });
    const urls = [await confirm(), REFUSED, await confirm()];
    for (const [index, url] of urls.entries()) {
      if (index === 2) await app.dataSource.query('ALTER TABLE request_token RENAME TO away');
      const { text, status, headers } = await open(url);
      expect(status).toBe([200, 403, 503][index]);
      expect(text).toMatch(/<title>[^<]+ – Smith &amp; &lt;Sons&gt;<\/title>/);
      expect(text).toContain(
        '<img src="https://example.com/logo.svg?a=1&amp;b=%222%22" alt="Smith &amp; &lt;Sons&gt;" referrerpolicy="no-referrer">',
      );
      expect(text).toContain(
        '<a href="https://example.com/help?a=1&amp;b=2" rel="noreferrer">Help and contact</a>',
      );
      expect(text).toContain('--brand: #7a1f3d;');
      const [, style] = /<style>([^]*)<\/style>/.exec(text) ?? [];
      const hash = createHash('sha256').update(style).digest('base64');
      expect(headers['content-security-policy']).toContain(`style-src 'sha256-${hash}'`);
      expect(headers['content-security-policy']).toContain('; img-src https://example.com/logo.svg;');
    }
  });

  it('may be a name alone', async () => {
    await start({ brand: { name: 'Example' } });
    const { text, headers } = await open(await confirm());
    expect(text).toContain('<header><p>Example</p></header>');
    expect(text).not.toMatch(/<img|<footer/);
    expect(headers['content-security-policy']).not.toContain('img-src');
  });

  it.each([{}, { brand: null }])('is not there with the options %j', async (pages) => {
    await start(pages);
    const { text } = await open(await confirm());
    expect(text).not.toMatch(/<header|<img|<footer/);
    expect(text).toContain('<title>Unsubscribe?</title>');
  });

  it('has its support called in the language of the reader, or as the app says', async () => {
    await start({ brand: BRAND, texts: { nl: { support: 'Bel ons' } } });
    expect((await open(REFUSED, 'de')).text).toContain('>Hilfe und Kontakt</a>');
    expect((await open(REFUSED, 'nl-BE')).text).toContain('>Bel ons</a>');
    expect((await open(await confirm(), 'fi')).text).toMatch(/Perutaanko[^]*>Help and contact<\/a>/);
  });

  it('is no business of pages that the app draws', async () => {
    await start({ brand: BRAND, render: () => '<h1>Own page</h1>' });
    const { text, headers } = await open(await confirm());
    expect(text).toBe('<h1>Own page</h1>');
    expect(headers['content-security-policy']).toBe("frame-ancestors 'none'");
  });

  it('is checked at boot, and the app does not start with one that cannot be seen', async () => {
    await expect(start({ brand: { name: 'Example', color: '#ffee58' } })).rejects.toThrow(
      /pages\.brand\.color #ffee58 reaches a contrast of 1\.\d\d:1 with the light page, where the button needs 3:1/,
    );
    await expect(start({ brand: undefined })).rejects.toThrow('pages.brand is undefined; leave it out');
    await expect(start({ brand: { name: 'Example', icon: '/icon.svg' } })).rejects.toThrow(
      'pages.brand: icon is not an option',
    );
  });
});
