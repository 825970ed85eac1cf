import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller } from '@nestjs/common';
import { type RequestTokenPage, UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { TestApp, type TestAppOptions } from '../../support/test-app.js';

@Controller()
class PagesController {
  @All('unsubscribe')
  @UseRequestToken({ scope: 'unsubscribe', confirm: true })
  unsubscribe() {}

  @All('translated')
  @UseRequestToken({
    scope: 'unsubscribe',
    confirm: {
      title: 'Unsubscribe?',
      message: undefined,
      translations: { 'pt-BR': { title: 'Cancelar a inscrição?' }, fa: { title: 'لغو اشتراک؟' } },
    },
  })
  translated() {}
}

const REFUSED = 'https://example.com/unsubscribe';

describe.each(ADAPTER_NAMES)('%s: Pages', (adapter) => {
  let app: TestApp;

  const start = (token: TestAppOptions['token'] = {}) =>
    TestApp.start({ adapter, controllers: [PagesController], token });
  const open = (url: string, language: string) =>
    app.get(url).set('Accept', 'text/html').set('Accept-Language', language);
  const confirm = async (target = '/unsubscribe') =>
    (await app.tokens.issue({ scope: 'unsubscribe', target })).url;

  describe('of the module', () => {
    beforeAll(async () => {
      app = await start();
    });
    afterAll(() => app.close());

    it.each([
      ['en-GB', '<html lang="en">', 'Please confirm', 'There is a link missing'],
      ['de-CH', '<html lang="de">', 'Bitte bestätigen', 'Es fehlt ein Link'],
      ['fr-CA', '<html lang="fr">', 'Veuillez confirmer', 'Il manque un lien'],
      ['es-MX', '<html lang="es">', 'Por favor, confirme', 'Falta un enlace'],
      ['it', '<html lang="it">', 'La preghiamo di confermare', 'Manca un link'],
      ['pt-BR,pt;q=0.9,en;q=0.8', '<html lang="pt">', 'Por favor, confirme', 'Falta um link'],
      ['nl-BE', '<html lang="nl">', 'Wilt u dit bevestigen?', 'Er ontbreekt een link'],
      ['pl', '<html lang="pl">', 'Prosimy o potwierdzenie', 'Brakuje linku'],
      ['ja', '<html lang="ja">', 'ご確認のお願い', 'リンクが必要です'],
      ['zh-CN,zh;q=0.9,en;q=0.8', '<html lang="zh-Hans">', '请确认', '缺少链接'],
      ['ar-EG', '<html lang="ar" dir="rtl">', 'يُرجى التأكيد', 'يلزم رابط لفتح هذه الصفحة'],
      ['iw', '<html lang="he" dir="rtl">', 'נא לאשר', 'חסר קישור'],
      // Not simplified Chinese, also where the browser adds zh by itself.
      [
        'zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7',
        '<html lang="en">',
        'Please confirm',
        'There is a link missing',
      ],
      ['*', '<html lang="en">', 'Please confirm', 'There is a link missing'],
      [';,,q=;x-x', '<html lang="en">', 'Please confirm', 'There is a link missing'],
    ])('are for %s in the right language and direction', async (language, html, asked, refused) => {
      const page = await open(await confirm(), language).expect(200);
      expect(page.text).toContain(html);
      expect(page.text).toContain(`<h1>${asked}</h1>`);
      const refusal = await open(REFUSED, language).expect(403);
      expect(refusal.text).toContain(html);
      expect(refusal.text).toContain(`<h1>${refused}</h1>`);
      expect(html).toContain(`lang="${refusal.headers['content-language']}"`);
    });

    it("take from the nearest language what a route's own translation lacks", async () => {
      const portuguese = (await open(await confirm('/translated'), 'pt-BR')).text;
      expect(portuguese).toMatch(/<html lang="pt-BR">[^]*Cancelar a inscrição\?[^]*Ainda não aconteceu nada/);
      const persian = (await open(await confirm('/translated'), 'fa-IR')).text;
      expect(persian).toMatch(/<html lang="fa" dir="rtl">[^]*لغو اشتراک؟[^]*Nothing has happened yet/);
    });
  });

  describe('of the app', () => {
    afterEach(() => app.close());

    it('get the direction of any language, the own ones of the app included', async () => {
      const pages: RequestTokenPage[] = [];
      app = await start({
        pages: {
          texts: { ur: {}, fi: {}, 'ku-Arab': {}, dv: {} },
          render: (page) => {
            pages.push(page);
            return '<h1>Own page</h1>';
          },
        },
      });
      for (const language of ['ar', 'ur', 'fi', 'ku-Arab', 'dv', 'en']) {
        await open(await confirm(), language);
        await open(REFUSED, language);
      }
      expect(pages.map(({ kind, lang, dir }) => `${kind} ${lang} ${dir}`)).toEqual(
        ['ar rtl', 'ur rtl', 'fi ltr', 'ku-Arab rtl', 'dv rtl', 'en ltr'].flatMap((each) => [
          `confirm ${each}`,
          `refusal ${each}`,
        ]),
      );
    });

    it('lie over those of the nearest language of the module, whatever the tag is called', async () => {
      const refusals = { token_missing: { title: 'Own title', message: undefined } };
      app = await start({
        pages: { texts: { 'de-at': { refusals }, iw: { refusals }, zh: { refusals }, fi: { refusals } } },
      });
      const page = async (language: string) => (await open(REFUSED, language)).text;
      expect(await page('de-AT')).toMatch(/lang="de-AT"[^]*Own title[^]*Diese Seite öffnet sich nur/);
      expect(await page('de')).toMatch(/lang="de"[^]*Es fehlt ein Link/);
      expect(await page('he')).toMatch(/lang="he"[^]*Own title[^]*אפשר לפתוח/);
      expect(await page('zh-CN')).toMatch(/lang="zh"[^]*Own title[^]*只有通过/);
      expect(await page('fi')).toMatch(/lang="fi"[^]*Own title[^]*This page only opens/);
    });

    it('may fall back on a language that is near one of the module', async () => {
      app = await start({ pages: { fallbackLanguage: 'pt-br' } });
      expect((await open(REFUSED, 'tlh')).text).toMatch(/lang="pt-BR"[^]*Falta um link/);
    });
  });
});

describe('Texts of the app', () => {
  it('are not given twice for one language', async () => {
    await expect(TestApp.start({ token: { pages: { texts: { he: {}, iw: {} } } } })).rejects.toThrow(
      "pages.texts: 'he' and 'iw' are the same language",
    );
  });
});
