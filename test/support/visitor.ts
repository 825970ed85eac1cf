import { join } from 'node:path';
import { expect } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const PHONE = { width: 320, height: 640 };
const DESKTOP = { width: 1280, height: 800 };

const ARGUMENTS = [
  '--no-sandbox', // so that it runs as root, too
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The Chromium of the machine: Debian's, or the one that CHROMIUM names. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS });
}

/**
 * A person with a browser, who looks closely at every page. With SCREENSHOTS set to a folder, pictures of them
 * are put there.
 */
export class Visitor {
  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
    private readonly album: string,
  ) {}

  static async arrive(browser: Browser, javaScriptEnabled: boolean): Promise<Visitor> {
    const context = await browser.newContext({ javaScriptEnabled, viewport: PHONE, locale: 'en-US' });
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    return new Visitor(context, page, javaScriptEnabled ? 'with-javascript' : 'without-javascript');
  }

  leave(): Promise<void> {
    return this.context.close();
  }

  async open(url: string, name: string): Promise<void> {
    await this.page.goto(url);
    await this.look(name);
  }

  /** Follows the link with this text. */
  async follow(text: string | RegExp, name: string): Promise<void> {
    await this.page.getByRole('link', { name: text }).first().click();
    await this.look(name);
  }

  /** Presses the button with this label, of which there has to be exactly one. */
  async press(label: string, name: string): Promise<void> {
    await this.page.getByRole('button', { name: label, exact: true }).click();
    await this.look(name);
  }

  heading(): Promise<string> {
    return this.page.locator('h1').innerText();
  }

  text(): Promise<string> {
    return this.page.locator('main').innerText();
  }

  /** What holds for every page: it fits on a phone, and says what it is. */
  async look(name: string): Promise<void> {
    const { page } = this;
    await page.waitForLoadState('load');
    for (const viewport of [DESKTOP, PHONE]) {
      await page.setViewportSize(viewport);
      const facts = await page.evaluate<Record<string, unknown>>(`({
        overflow: Math.max(0, document.scrollingElement.scrollWidth - innerWidth),
        lang: document.documentElement.lang,
        titled: document.title.trim() !== '',
        headings: document.querySelectorAll('h1').length,
      })`);
      expect({ name, ...viewport, ...facts }).toEqual({
        name,
        ...viewport,
        overflow: 0,
        lang: 'en',
        titled: true,
        headings: 1,
      });
      if (process.env.SCREENSHOTS) {
        const file = `${name.replace(/\W+/g, '-')}-${viewport.width}.png`;
        await page.screenshot({ path: join(process.env.SCREENSHOTS, this.album, file), fullPage: true });
      }
    }
  }
}
