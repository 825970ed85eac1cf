import { readdir, readFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inboxOf, tokenOf } from '../support/letters.js';
import { BROWSER_HEADERS, type Newsletter } from '../support/newsletter.js';
import { Sandbox, type SandboxDatabase } from '../support/sandbox.js';

const VIEWS = new URL('../../apps/newsletter/views/', import.meta.url);

/** What a browser tells of a form that a page of somebody else sends. */
const FOREIGN = {
  'by Sec-Fetch-Site': { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
  'from another port of this host': { 'Sec-Fetch-Site': 'same-site', Origin: 'http://localhost:1' },
  'by Origin alone': { Origin: 'https://evil.example' },
  'from a page without an origin': { Origin: 'null' },
};

/** Where the forms of the app's pages are sent to. */
async function formActions(): Promise<string[]> {
  const files = (await readdir(VIEWS, { recursive: true })).filter((name) => name.endsWith('.hbs'));
  const views = await Promise.all(files.map((name) => readFile(new URL(name, VIEWS), 'utf8')));
  const actions = views.flatMap((view) => [...view.matchAll(/<form method="post" action="([^"]+)"/g)]);
  return actions.map(([, action]) => action.replaceAll(/\{\{[^}]*slug\}\}/g, 'spring-meetup'));
}

describe('Pages of somebody else', () => {
  const sandbox = new Sandbox();
  let database: SandboxDatabase;
  let app: Newsletter;
  beforeAll(async () => {
    database = await sandbox.database();
    app = await sandbox.start({ DATABASE_URL: database.url, SUBSCRIBERS: await sandbox.subscribers(3) });
  });
  afterAll(() => sandbox.close());

  const post = (path: string, headers: Record<string, string>, fields: Record<string, string> = {}) =>
    app.request(path, {
      method: 'POST',
      headers: { ...BROWSER_HEADERS, ...headers },
      body: new URLSearchParams(fields),
    });
  const own = () => ({ Origin: new URL(app.addressOf('/')).origin });
  const deliveries = () => database.query('SELECT id FROM delivery');

  it.each(Object.entries(FOREIGN))('cannot send any form of the app: known %s', async (_, headers) => {
    const actions = await formActions();
    expect(actions).toEqual(
      expect.arrayContaining(['/mailings/spring-meetup/send', '/sign-in', '/sign-out']),
    );
    for (const action of [...actions, '/preferences', '/account', '/unsubscribe']) {
      const { status } = await post(action, headers, { email: 'reader1@example.com' });
      expect({ action, status }).toEqual({ action, status: 403 });
    }
    expect(await deliveries()).toEqual([]);
    expect(await inboxOf(database)).toEqual([]);
  });

  it('may link to it', async () => {
    const { status } = await app.request('/', {
      headers: { ...BROWSER_HEADERS, 'Sec-Fetch-Site': 'cross-site' },
    });
    expect(status).toBe(200);
  });

  it.each([
    ['own pages, by Sec-Fetch-Site', () => ({ ...own(), 'Sec-Fetch-Site': 'same-origin' })],
    ['own pages, by Origin alone', own],
    ['programs, which say neither', () => ({})],
  ])('take nothing from %s', async (_, headers) => {
    const { status } = await post('/sign-in', headers(), { email: 'nobody@example.com' });
    expect(status).toBe(200);
  });

  it('take nothing from links in mails: pressed in a mail program on the web, or by it', async () => {
    await app.sendMailing();
    const [letter] = await inboxOf(database);
    const { rsvp, unsubscribe } = letter.links;
    const pressed = await post(rsvp, FOREIGN['by Sec-Fetch-Site'], { rt: tokenOf(rsvp).jwt });
    expect(pressed.status).toBe(200);
    // RFC 8058
    const oneClick = await app.request(unsubscribe, {
      method: 'POST',
      headers: FOREIGN['by Sec-Fetch-Site'],
      body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
    });
    expect(oneClick.status).toBe(200);
  });
});

describe('By another host name', () => {
  const sandbox = new Sandbox();
  let app: Newsletter;
  beforeAll(async () => {
    app = await sandbox.start({
      DATABASE_URL: (await sandbox.database()).url,
      SUBSCRIBERS: await sandbox.subscribers(1),
      BASE_URL: 'https://news.example.com',
    });
  });
  afterAll(() => sandbox.close());

  const openAs = async (host: string, path: string) => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) =>
      get(app.addressOf(path), { headers: { ...BROWSER_HEADERS, Host: host }, agent: false }, resolve).on(
        'error',
        reject,
      ),
    );
    return { status: answer.statusCode, body: await text(answer) };
  };

  it.each([
    'evil.example',
    'evil.example:3000',
    'localhost.evil.example',
    'news.example.com.evil.example',
    'x@localhost',
  ])('nothing of the app can be read: %j', async (host) => {
    for (const path of ['/', '/inbox', '/request-tokens', '/sign-in', '/style.css']) {
      const { status, body } = await openAs(host, path);
      expect({ path, status }).toEqual({ path, status: 421 });
      expect(body).not.toContain('<');
    }
  });

  it.each(['localhost', 'localhost:3000', 'LOCALHOST', '127.0.0.1:8080', '[::1]:3000', 'news.example.com'])(
    'which is its own, it answers: %s',
    async (host) => {
      expect(await openAs(host, '/inbox')).toMatchObject({ status: 200 });
    },
  );
});
