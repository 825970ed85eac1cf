import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, Header, Param, Req } from '@nestjs/common';
import {
  type FailureCode,
  RequestTokenErrorCode,
  RequestTokenException,
  type RequestTokenBrand,
  RequestTokenUnavailableException,
  UseRequestToken,
} from 'nestjs-request-token';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { SlowFront } from '../support/slow-front.js';
import { TestApp } from '../support/test-app.js';
import { launchBrowser } from '../support/visitor.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 50">
  <rect width="50" height="50" rx="10" fill="#036"/><text x="60" y="36" font-size="32" fill="#222">Example</text>
</svg>`;

const BRAND: RequestTokenBrand = {
  name: 'Example',
  logoUrl: '/logo.svg',
  color: '#003366',
  supportUrl: 'mailto:help@example.com',
};

let headersOfLogo: Record<string, string> = {};

@Controller()
class PagesController {
  @All('confirm')
  @UseRequestToken({ scope: 'confirm', confirm: true })
  confirm() {}

  @All('long')
  @UseRequestToken({
    scope: 'confirm',
    confirm: { title: `${LONG}?`, message: 'x'.repeat(90), button: LONG },
  })
  long() {}

  @Get('failing/:code')
  failing(@Param('code') code: FailureCode) {
    throw code === 'unavailable' ? new RequestTokenUnavailableException() : new RequestTokenException(code);
  }

  @Get('logo.svg')
  @Header('Content-Type', 'image/svg+xml')
  logo(@Req() { headers }: { headers: Record<string, string> }) {
    headersOfLogo = headers;
    return LOGO;
  }

  @Get('other.svg')
  @Header('Content-Type', 'image/svg+xml')
  other() {
    return LOGO;
  }
}

/** An app whose pages are of this brand, and a browser. */
class Visit {
  private constructor(
    private readonly browser: Browser,
    private readonly front: SlowFront,
    private readonly app: TestApp,
  ) {}

  static async begin(adapter: AdapterName, brand: RequestTokenBrand | undefined): Promise<Visit> {
    const front = await SlowFront.open(0);
    const app = await TestApp.start({
      adapter,
      controllers: [PagesController],
      token: {
        baseUrl: front.url,
        pages: brand ? { brand } : {},
        onRefused: () => ({
          text: 'We can send you a new link.',
          link: { url: '/new', text: `A new link ${LONG}` },
        }),
      },
    });
    front.leadTo(app.port);
    return new Visit(await launchBrowser(), front, app);
  }

  async end(): Promise<void> {
    await this.browser.close();
    await this.app.close();
    await this.front.close();
  }

  async page(options: BrowserContextOptions): Promise<Page> {
    return (await this.browser.newContext(options)).newPage();
  }

  async leave(): Promise<void> {
    await Promise.all(this.browser.contexts().map((context) => context.close()));
  }

  async confirm(target = '/confirm'): Promise<string> {
    return (await this.app.tokens.issue({ scope: 'confirm', target })).url;
  }

  failing(code: string): string {
    return `${this.front.url}/failing/${code}`;
  }
}

const overflowOf = (page: Page): Promise<unknown> =>
  page.evaluate('Math.max(0, document.scrollingElement.scrollWidth - innerWidth)');

async function complaintsOf(page: Page): Promise<unknown> {
  await page.addScriptTag({ path: AXE });
  return page.evaluate(`axe.run().then(({ violations, incomplete }) =>
    [...violations, ...incomplete].map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html)))`);
}

/** With SCREENSHOTS set to a folder, pictures are put there. */
async function picture(page: Page, ...name: unknown[]): Promise<void> {
  if (!process.env.SCREENSHOTS) return;
  const file = `${name.join(' ').replace(/\W+/g, '-')}.png`;
  await page.screenshot({ path: join(process.env.SCREENSHOTS, file), fullPage: true });
}

const LOOKS = [320, 1280].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
);

describe.each<[string, RequestTokenBrand | undefined]>([
  ['no brand', undefined],
  ['a brand', BRAND],
  ['a long name', { name: LONG, color: '#1cab43', supportUrl: 'https://example.com/help' }],
])('Pages of the module with %s', (name, brand) => {
  let visit: Visit;
  beforeAll(async () => {
    visit = await Visit.begin('express', brand);
  });
  afterAll(() => visit?.end());
  afterEach(() => visit.leave());

  describe.each(LOOKS)('$width pixels wide, in the $colorScheme', ({ width, colorScheme }) => {
    it.each(['en', 'ar', 'ja'])('fit, and have nothing that axe-core complains of, in %s', async (locale) => {
      // axe-core is put in by a script, which the page's policy would not let in.
      const viewport = { width, height: 700 };
      const page = await visit.page({ bypassCSP: true, locale, colorScheme, viewport });
      const confirm = [await visit.confirm(), await visit.confirm('/long')];
      for (const url of [...confirm, visit.failing('token_exhausted'), visit.failing('unavailable')]) {
        await page.goto(url);
        await picture(page, name, locale, new URL(url).pathname, width, colorScheme);
        expect([url, await overflowOf(page), await complaintsOf(page)]).toEqual([url, 0, []]);
      }
    });
  });
});

describe('Pages of the module', () => {
  let visit: Visit;
  beforeAll(async () => {
    visit = await Visit.begin('express', BRAND);
  });
  afterAll(() => visit?.end());
  afterEach(() => visit.leave());

  it.each([
    ['en', 'ltr'],
    ['de', 'ltr'],
    ['fr', 'ltr'],
    ['es', 'ltr'],
    ['it', 'ltr'],
    ['pt-BR', 'ltr'],
    ['nl', 'ltr'],
    ['pl', 'ltr'],
    ['ja', 'ltr'],
    ['zh-CN', 'ltr'],
    ['ar', 'rtl'],
    ['he', 'rtl'],
  ])('fit on a phone and go the right way, whatever they say, in %s', async (locale, direction) => {
    const page = await visit.page({ locale, viewport: { width: 320, height: 640 } });
    const codes = [...Object.keys(RequestTokenErrorCode), 'unavailable'];
    for (const url of [await visit.confirm(), ...codes.map((code) => visit.failing(code))]) {
      await page.goto(url);
      await picture(page, 'every text', locale, new URL(url).pathname);
      const facts = await page.evaluate(`({
        lang: document.documentElement.lang,
        direction: getComputedStyle(document.querySelector('h1')).direction,
      })`);
      expect([url, await overflowOf(page), facts]).toEqual([
        url,
        0,
        { lang: expect.stringMatching(locale.slice(0, 2)), direction },
      ]);
    }
  });

  it('put help of the app in another language on their own side, with its full stop at its end', async () => {
    const page = await visit.page({ locale: 'ar', viewport: { width: 1280, height: 640 } });
    await page.goto(visit.failing('token_expired'));
    const ends = await page.evaluate<number[]>(`
      [...document.querySelectorAll('h1, p')].map((element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return Math.round(range.getBoundingClientRect().right);
      })`);
    expect(new Set(ends).size).toBe(1);
    const stop = await page.evaluate<number>(`
      const text = [...document.querySelectorAll('p')].find((each) => each.innerText.startsWith('We can')).firstChild;
      const range = document.createRange();
      range.setStart(text, text.length - 1);
      range.setEnd(text, text.length);
      Math.round(range.getBoundingClientRect().right)`);
    expect(stop).toBe(ends[0]);
  });
});

describe.each(ADAPTER_NAMES)('%s: The logo of a brand', (adapter) => {
  let visit: Visit;
  beforeAll(async () => {
    visit = await Visit.begin(adapter, BRAND);
  });
  afterAll(() => visit?.end());
  afterEach(() => visit.leave());

  it('is shown, says the name, and is asked for without the token of a confirm page', async () => {
    headersOfLogo = {};
    const page = await visit.page({});
    await page.goto(await visit.confirm());
    expect(await page.getByRole('img', { name: BRAND.name }).count()).toBe(1);
    expect(await page.evaluate('document.images[0].naturalWidth > 0')).toBe(true);
    expect(headersOfLogo).toMatchObject({ 'sec-fetch-dest': 'image' });
    expect(headersOfLogo.referer).toBeUndefined();
  });

  it('is the only picture that the page may show', async () => {
    const page = await visit.page({});
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(await visit.confirm());
    expect(complaints.filter((text) => text.includes('Content Security Policy'))).toEqual([]);
    const isShown = await page.evaluate(`new Promise((resolve) => {
      const image = new Image();
      image.onload = () => resolve(true);
      image.onerror = () => resolve(false);
      image.src = '/other.svg';
    })`);
    expect(isShown).toBe(false);
  });
});
