import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { expire } from '../support/expired-link.js';
import { inboxOf, type Letter } from '../support/letters.js';
import type { Newsletter } from '../support/newsletter.js';
import { Sandbox, type SandboxDatabase } from '../support/sandbox.js';
import { launchBrowser, Visitor } from '../support/visitor.js';
import { waitFor } from '../support/wait-for.js';

describe.each([
  ['without JavaScript', false],
  ['with JavaScript', true],
])('A reader with a browser %s', (_, javaScript) => {
  const sandbox = new Sandbox();
  let browser: Browser;
  let database: SandboxDatabase;
  let app: Newsletter;
  let unread: Letter[];
  let home: string;
  let visitor: Visitor;

  beforeAll(async () => {
    browser = await launchBrowser();
    database = await sandbox.database();
    app = await sandbox.start({ DATABASE_URL: database.url });
    home = app.announced!;
    await app.sendMailing();
    unread = await inboxOf(database);
  });
  afterAll(async () => {
    await browser?.close();
    await sandbox.close();
  });
  beforeEach(async () => {
    visitor = await Visitor.arrive(browser, javaScript);
  });
  afterEach(() => visitor.leave());

  /** Opens, in the inbox, a mail that no other test has touched. */
  const openMail = async (name: string) => {
    const letter = unread.shift()!;
    const [{ id }] = await database.query<{ id: number }>('SELECT id FROM inbox_message WHERE raw = $1', [
      letter.raw,
    ]);
    await visitor.open(`${home}/inbox/${id}`, name);
    return { letter, mail: `${home}/inbox/${id}` };
  };

  it('unsubscribes by a link and a button, and may do so again', async () => {
    const { letter, mail } = await openMail('mail');
    await visitor.follow('Unsubscribe', 'unsubscribe');
    expect(await visitor.heading()).toBe('Unsubscribe?');
    await visitor.press('Unsubscribe', 'unsubscribed');
    expect(await visitor.heading()).toBe('You are unsubscribed');
    expect(await visitor.text()).toContain(letter.to);

    await visitor.open(mail, 'mail again');
    await visitor.follow('Unsubscribe', 'unsubscribe again');
    await visitor.press('Unsubscribe', 'unsubscribed again');
    expect(await visitor.heading()).toBe('You are unsubscribed');
  });

  it('accepts the invitation once, and is told so the second time', async () => {
    const { letter, mail } = await openMail('mail for rsvp');
    await visitor.follow("Yes, I'll come", 'rsvp');
    await visitor.press("I'll be there", 'rsvp done');
    expect(await visitor.heading()).toMatch(/^See you there/);

    await visitor.open(mail, 'mail for rsvp again');
    await visitor.follow("Yes, I'll come", 'rsvp used up');
    expect(await visitor.heading()).toBe('This link has already been used');
    expect(await visitor.page.getByRole('button').count()).toBe(0);

    await visitor.open(`${home}/request-tokens`, 'tokens');
    await visitor.page.getByLabel('A link, an id or a user').fill(letter.links.rsvp);
    await visitor.press('Find', 'used-up link');
    expect(await visitor.text()).toMatch(/This link was used on .* so it does not work any more/);
    expect(await visitor.text()).toMatch(/Uses\s+1 of 1/);
    expect(await visitor.text()).toMatch(/Used: the app answered with 200/);
  });

  it('gets a new link instead of one that has expired, and uses it', async () => {
    const letter = unread.shift()!;
    await visitor.open(await expire(database, letter.links.rsvp), 'expired');
    expect(await visitor.heading()).toBe('This link has expired');
    await visitor.follow('Get a new link', 'new link');
    await visitor.press('Send me a new link', 'new link requested');
    expect(await visitor.heading()).toBe('Look into your mailbox');

    const id = await waitFor(
      async () => {
        const [newest] = await database.query<{ id: number; raw: Buffer }>(
          'SELECT id, raw FROM inbox_message ORDER BY id DESC LIMIT 1',
        );
        return newest.raw.includes(`<${letter.to}>`) ? newest.id : undefined;
      },
      () => 'the mail with the new link',
    );
    await visitor.open(`${home}/inbox/${id}`, 'mail with new link');
    expect(await visitor.heading()).toContain('new link');
    await visitor.follow("Yes, I'll come", 'rsvp by new link');
    await visitor.press("I'll be there", 'rsvp by new link done');
    expect(await visitor.heading()).toMatch(/^See you there/);
  });

  it('changes the preferences, and sees them saved', async () => {
    const { mail } = await openMail('mail for preferences');
    await visitor.follow('preferences', 'preferences');
    await visitor.page.getByLabel('Your name').fill('Zoë Ångström');
    await visitor.page.getByLabel('Plain text only').check();
    await visitor.press('Save', 'preferences saved');
    expect(await visitor.text()).toContain('Zoë Ångström');

    await visitor.open(mail, 'mail for preferences again');
    await visitor.follow('preferences', 'preferences again');
    expect(await visitor.page.getByLabel('Your name').inputValue()).toBe('Zoë Ångström');
    expect(await visitor.page.getByLabel('Plain text only').isChecked()).toBe(true);
  });

  it('signs in by a link in a mail, changes the preferences, and signs out', async () => {
    const { to } = unread.shift()!;
    await visitor.open(home, 'start before sign-in');
    await visitor.follow('Sign in', 'sign in');
    await visitor.page.getByLabel('Your e-mail address').fill(to);
    await visitor.press('Mail me a link', 'sign-in requested');
    expect(await visitor.heading()).toBe('Look into your mailbox');

    const id = await waitFor(
      async () => {
        const [newest] = await database.query<{ id: number; raw: Buffer }>(
          'SELECT id, raw FROM inbox_message ORDER BY id DESC LIMIT 1',
        );
        const found = newest.raw.includes(`<${to}>`) && newest.raw.includes('Your link to sign in');
        return found ? newest.id : undefined;
      },
      () => 'the mail with the link to sign in',
    );
    await visitor.open(`${home}/inbox/${id}`, 'mail with link to sign in');
    await visitor.page.locator('main').getByRole('link', { name: 'Sign in' }).first().click();
    await visitor.look('sign-in link');
    expect(await visitor.heading()).toBe('Sign in?');
    await visitor.press('Sign in', 'account');
    expect(await visitor.heading()).toBe('Your account');
    expect(visitor.page.url()).toBe(`${home}/account`);
    expect(await visitor.text()).toContain(to);

    await visitor.follow('Change your preferences', 'preferences signed in');
    await visitor.page.getByLabel('Your name').fill('Signed-in Reader');
    await visitor.press('Save', 'preferences saved signed in');
    await visitor.follow('Back to your account', 'account again');
    expect(await visitor.text()).toContain('Signed-in Reader');
    await visitor.press('Sign out', 'signed out');
    await visitor.open(`${home}/account`, 'account after sign-out');
    expect(await visitor.heading()).toBe('That did not work');
    expect(await visitor.text()).not.toContain(to);
  });

  it('who is the operator sends the mailing to the rest, and finds it in the inbox', async () => {
    await database.query('INSERT INTO subscriber (email, name) VALUES ($1, $2)', [
      `late-${javaScript}@example.com`,
      'Late Comer',
    ]);
    await visitor.open(home, 'start');
    await visitor.press('Send to the rest', 'mailing');
    await visitor.page.getByText('There is nobody left to send it to.').waitFor();
    await visitor.look('mailing sent');
    await visitor.follow('Inbox', 'inbox');
    expect(await visitor.text()).toContain('late-');
    await visitor.follow('You are invited', 'newest mail');
    expect(await visitor.text()).toContain('Hello Late Comer,');
  });

  it('who helps others finds out why a link does not work', async () => {
    const { links } = unread[0];
    const box = `${home}/request-tokens`;
    const search = async (link: string, name: string) => {
      await visitor.open(box, 'search');
      await visitor.page.getByLabel('A link, an id or a user').fill(link);
      await visitor.press('Find', name);
      return visitor.text();
    };
    expect(await search(links.unsubscribe, 'usable link')).toContain('This link works');
    expect(await search(links.unsubscribe.slice(0, -9), 'damaged link')).toContain('This link does not work');
    expect(await search('junk', 'junk link')).toContain('Nothing found');
  });

  it.each([
    ['a page that does not exist', '/nothing'],
    ['a mail that does not exist', '/inbox/999999'],
    ['a token that does not exist', '/request-tokens/01a202b7-763e-77f0-90c1-1ed8a1d307a8'],
    ['preferences without a link', '/preferences'],
    ['a damaged link', '/unsubscribe?rt=junk'],
    ['a page of the inbox far behind its end', '/inbox?page=99'],
    ['a page that is no number', '/inbox?page=x'],
  ])('sees a decent page for %s', async (name, path) => {
    await visitor.open(home + path, name);
    expect((await visitor.heading()).length).toBeGreaterThan(4);
  });
});
