import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, Header, type INestApplication, Redirect, Req } from '@nestjs/common';
import session from 'express-session';
import { passportSessions, type RequestTokenRequest, UseRequestToken } from 'nestjs-request-token';
import passport from 'passport';
import type { Browser } from 'playwright-core';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { SlowFront } from '../support/slow-front.js';
import { SECRET, TestApp } from '../support/test-app.js';
import { launchBrowser, Visitor } from '../support/visitor.js';

let elsewhere: string;

@Controller()
class PagesController {
  @All('rsvp')
  @UseRequestToken({ scope: 'rsvp', confirm: { title: 'Come to the party?', button: "I'll be there" } })
  @Header('Content-Type', 'text/html; charset=utf-8')
  rsvp() {
    return '<!doctype html><html lang="en"><title>Done</title><main><h1>See you there</h1></main>';
  }

  @All('away')
  @UseRequestToken({ scope: 'rsvp', confirm: true })
  @Redirect()
  away() {
    return { url: elsewhere, statusCode: 303 };
  }

  @All('long')
  @UseRequestToken({
    scope: 'rsvp',
    confirm: {
      title: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft?',
      message: 'x'.repeat(90),
      button: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft',
    },
  })
  long() {}

  @All('sign-in')
  @UseRequestToken({ scope: 'sign-in', required: false, confirm: true })
  @Header('Content-Type', 'text/html; charset=utf-8')
  signIn(@Req() { user }: RequestTokenRequest) {
    const name = (user as { id: string } | undefined)?.id ?? 'nobody';
    return `<!doctype html><html lang="en"><title>Account</title><main><h1>Signed in: ${name}</h1></main>`;
  }

  @Get('elsewhere')
  nothing() {}
}

function withSessions(app: INestApplication): void {
  const strategies = new passport.Passport();
  strategies.serializeUser((user, done) => done(null, user));
  strategies.deserializeUser((user: Express.User, done) => done(null, user));
  app.use(session({ secret: SECRET, resave: false, saveUninitialized: false }));
  app.use(strategies.session());
}

describe.each(ADAPTER_NAMES)('%s: A confirm page in a browser', (adapter) => {
  let browser: Browser;
  let front: SlowFront;
  let otherSite: Server;
  let app: TestApp;
  let visitor: Visitor;

  beforeAll(async () => {
    browser = await launchBrowser();
    front = await SlowFront.open(100);
    otherSite = createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><html lang="en"><title>Elsewhere</title><h1>Elsewhere</h1>');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => otherSite.once('listening', resolve));
    elsewhere = `http://localhost:${(otherSite.address() as AddressInfo).port}/`;
    app = await TestApp.start({
      adapter,
      controllers: [PagesController],
      token: { baseUrl: front.url, sessions: passportSessions },
      configure: adapter === 'express' ? withSessions : undefined,
    });
    front.leadTo(app.port);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await front?.close();
    otherSite?.close();
  });
  beforeEach(async () => {
    visitor = await Visitor.arrive(browser, true);
  });
  afterEach(() => visitor.leave());

  const issue = (target: string, options: object = {}) =>
    app.tokens.issue({ user: 7, scope: 'rsvp', target, ...options });
  const button = () => visitor.page.getByRole('button');

  it('is sent once by a double click, and shows the answer of the handler', async () => {
    const { url, token } = await issue('/rsvp');
    await visitor.open(url, 'confirm');
    await button().dblclick();
    await visitor.page.waitForURL((each) => each.pathname === '/rsvp');
    await visitor.page.getByText('See you there').waitFor();
    expect(await app.settledLogs(token.id)).toHaveLength(1);
    expect((await app.row(token.id)).useCount).toBe(1);
  });

  it('is sent once by keys that are pressed again and again', async () => {
    const { url, token } = await issue('/rsvp', { maxUses: null });
    await visitor.open(url, 'confirm');
    await button().focus();
    for (const key of ['Enter', 'Space', 'Enter']) await visitor.page.keyboard.press(key);
    await visitor.page.getByText('See you there').waitFor();
    expect(await app.settledLogs(token.id)).toHaveLength(1);
  });

  it('says that it is busy while it waits, and works again when the browser brings it back', async () => {
    const { url } = await issue('/rsvp', { maxUses: null });
    await visitor.open(url, 'confirm');
    await visitor.page.evaluate(`
      new MutationObserver(() => {
        if (document.querySelector('form[aria-busy=true] button:disabled')) sessionStorage.wasBusy = 'yes';
      }).observe(document.forms[0], { attributes: true, subtree: true });
    `);
    await button().click();
    await visitor.page.getByText('See you there').waitFor();
    expect(await visitor.page.evaluate('sessionStorage.wasBusy')).toBe('yes');
    await visitor.page.goBack();
    await expect(button().isEnabled()).resolves.toBe(true);
    await button().click();
    await visitor.page.getByText('See you there').waitFor();
  });

  it('works again when it is shown as it was left, from the back/forward cache', async () => {
    const { url } = await issue('/rsvp', { maxUses: null });
    await visitor.open(url, 'confirm');
    await visitor.page.evaluate(`
      document.forms[0].dispatchEvent(new Event('submit', { cancelable: true }));
      new Promise((resolve) => setTimeout(resolve, 10));
    `);
    expect(await button().isDisabled()).toBe(true);
    await visitor.page.evaluate(`
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
      new Promise((resolve) => setTimeout(resolve, 10));
    `);
    expect(await button().isEnabled()).toBe(true);
    expect(await visitor.page.locator('form').getAttribute('aria-busy')).toBe('false');
  });

  it('follows the redirect of the handler to another origin', async () => {
    const { url, token } = await issue('/away');
    await visitor.open(url, 'confirm');
    await button().click();
    await visitor.page.getByText('Elsewhere').waitFor();
    expect(visitor.page.url()).toBe(elsewhere);
    expect((await app.settledLogs(token.id))[0]).toMatchObject({ outcome: 'used', statusCode: 303 });
  });

  it('breaks none of its policy, and nothing on it is too wide for a phone', async () => {
    const complaints: string[] = [];
    visitor.page.on('console', (message) => complaints.push(message.text()));
    await visitor.open((await issue('/long')).url, 'confirm long');
    await visitor.open(`${front.url}/rsvp`, 'missing');
    expect(complaints.filter((text) => text.includes('Content Security Policy'))).toEqual([]);
  });

  it('works without JavaScript', async () => {
    const plain = await Visitor.arrive(browser, false);
    await plain.open((await issue('/rsvp')).url, 'confirm');
    await plain.press("I'll be there", 'done');
    expect(await plain.heading()).toBe('See you there');
    await plain.leave();
  });

  if (adapter === 'express') {
    it('signs in by a double click', async () => {
      const { url, token } = await issue('/sign-in', { scope: 'sign-in', loginMode: 'session' });
      await visitor.open(url, 'confirm sign-in');
      await button().dblclick();
      await visitor.page.getByText('Signed in: 7').waitFor();
      expect(visitor.page.url()).toBe(`${front.url}/sign-in`);
      expect((await app.row(token.id)).useCount).toBe(1);
    });
  }
});
