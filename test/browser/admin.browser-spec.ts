import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RequestTokenLog, RequestToken } from 'nestjs-request-token';
import { RequestTokenAdminModule } from 'nestjs-request-token/admin';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { v7 as uuidv7 } from 'uuid';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { TestApp } from '../support/test-app.js';
import { launchBrowser } from '../support/visitor.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const HOUR_MS = 3_600_000;
const OUTCOMES = ['used', 'released', 'token_exhausted', 'token_revoked', 'pending'] as const;

const LOOKS: [string, BrowserContextOptions][] = [
  ['at 320 px', { viewport: { width: 320, height: 640 } }],
  ['at 1280 px', { viewport: { width: 1280, height: 900 } }],
  ['at 320 px in the dark', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }],
  ['at 1280 px in the dark', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }],
];

describe.each(ADAPTER_NAMES)('%s: The pages of the admin', (adapter) => {
  let app: TestApp;
  let browser: Browser;
  let busy: string;
  let empty: string;
  let arabic: string;
  let deferred: string;
  beforeAll(async () => {
    browser = await launchBrowser();
    app = await TestApp.start({
      adapter,
      imports: [
        RequestTokenAdminModule.register({
          guards: [{ canActivate: () => true }],
          users: { label: (user) => (user === '7' ? 'آن من القاهرة' : undefined), find: () => [] },
        }),
      ],
    });
    const issue = async (options: object) =>
      (await app.tokens.issue({ scope: 'rsvp', user: 1, ...options })).token.id;
    busy = await issue({ maxUses: 9, data: { answer: 'yes' } });
    empty = await issue({});
    arabic = await issue({ user: 7, scope: 'رسالة الأسبوع', target: '/أخبار' });
    deferred = (await app.tokens.issue({ scope: 'later', user: 2, deferred: true, expiresIn: '1d' })).url;
    await app.tokens.revoke(arabic);
    const now = Date.now();
    const logs = Array.from({ length: 40 }, (_, n) => ({
      id: uuidv7({ msecs: now - n * 5 * HOUR_MS }),
      tokenId: busy,
      userId: '1',
      clientIp: n % 2 ? '2001:db8:85a3:8d3:1319:8a2e:370:7348' : '192.0.2.1',
      userAgent:
        n === 3 ? 'Mozilla/5.0 '.repeat(90).slice(0, 1_000) : 'Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0',
      method: 'POST',
      path: '/newsletter/rsvp',
      statusCode: n % 5 === 1 ? 500 : 200,
      outcome: OUTCOMES[n % 5],
      startedAt: new Date(now - n * 5 * HOUR_MS),
      durationMs: n,
      repeats: n % 5 === 2 ? 12 : 1,
    }));
    await app.dataSource.manager.insert(RequestTokenLog, logs);
    await app.dataSource.manager.update(RequestToken, { id: busy }, { useCount: 9 });
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  const open = async (look: BrowserContextOptions): Promise<Page> => {
    const context = await browser.newContext({
      ...look,
      baseURL: `http://127.0.0.1:${app.port}`,
      bypassCSP: true,
    });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    return page;
  };
  const complaints: string[] = [];

  const assertWell = async (page: Page, name: string) => {
    await page.addScriptTag({ path: AXE });
    const problems = await page.evaluate<string[]>(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" ")))',
    );
    expect({ name, problems }).toEqual({ name, problems: [] });
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect({ name, overflow }).toEqual({ name, overflow: 0 });
    if (process.env.SCREENSHOTS)
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png`, fullPage: true });
  };

  it.each(LOOKS)(
    'fit, and have nothing that axe-core complains of, %s',
    async (look, options) => {
      const page = await open(options);
      const pages = {
        tokens: '/request-tokens',
        'no-tokens': '/request-tokens?scope=none',
        busy: `/request-tokens/${busy}`,
        empty: `/request-tokens/${empty}?done=revoke&count=0`,
        arabic: `/request-tokens/${arabic}`,
        attempts: '/request-tokens/attempts',
        figures: '/request-tokens/figures',
        missing: '/request-tokens/01900000-0000-7000-8000-000000000999',
      };
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(path);
        await assertWell(page, `${name} ${look}`.replaceAll(' ', '-'));
      }
      await page.goto('/request-tokens');
      await page.getByLabel('A link, an id or a user').fill(deferred);
      await page.getByRole('button', { name: 'Find' }).click();
      await page.getByText('known from its link only').waitFor();
      await assertWell(page, `deferred ${look}`.replaceAll(' ', '-'));
      await page.context().close();
    },
    120_000,
  );

  it('need no script, and their policy lets their own style in', async () => {
    const context = await browser.newContext({
      javaScriptEnabled: false,
      baseURL: `http://127.0.0.1:${app.port}`,
    });
    const page = await context.newPage();
    await page.goto('/request-tokens');
    await page.getByLabel('A link, an id or a user').fill(empty);
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('button', { name: 'Revoke this link' }).click();
    await page.getByRole('status').getByText('This link is revoked.').waitFor();
    await context.close();
    const scripted = await browser.newContext({ baseURL: `http://127.0.0.1:${app.port}` });
    const styled = await scripted.newPage();
    await styled.goto('/request-tokens');
    expect(await styled.evaluate<string>('getComputedStyle(document.body).maxWidth')).toBe('1152px');
    await scripted.close();
  }, 60_000);
});
