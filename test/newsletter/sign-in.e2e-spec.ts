import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expire } from '../support/expired-link.js';
import { inboxOf, type Letter, tokenOf } from '../support/letters.js';
import { type Answer, BROWSER_HEADERS, type Newsletter } from '../support/newsletter.js';
import { Sandbox, type SandboxDatabase } from '../support/sandbox.js';
import { waitFor } from '../support/wait-for.js';

const READERS = 20;
const CONFIRM_BUTTON = '<button>Sign in</button>';

/** A browser that keeps the one cookie there is. */
class Browser {
  cookie?: string;

  constructor(private readonly app: Newsletter) {}

  open(link: string): Promise<Answer> {
    return this.request(link, {});
  }

  submit(link: string, fields: Record<string, string> = {}): Promise<Answer> {
    return this.request(link, { method: 'POST', body: new URLSearchParams(fields) });
  }

  private async request(link: string, init: RequestInit): Promise<Answer> {
    const headers = { ...BROWSER_HEADERS, ...(this.cookie && { Cookie: this.cookie }) };
    const answer = await this.app.request(link, { ...init, headers });
    const [pair] = answer.headers.get('set-cookie')?.split(';') ?? [];
    if (pair) this.cookie = pair.endsWith('=') ? undefined : pair;
    return answer;
  }
}

describe('Signing in by mail', () => {
  const sandbox = new Sandbox();
  let database: SandboxDatabase;
  let env: Record<string, string>;
  let current: Newsletter | undefined;
  let readers = 0;

  beforeAll(async () => {
    database = await sandbox.database();
    env = { DATABASE_URL: database.url, SUBSCRIBERS: await sandbox.subscribers(READERS) };
  });
  afterAll(() => sandbox.close());

  const running = async () => (current ??= await sandbox.start(env));
  /** Somebody whom no other test knows. */
  const newReader = () => `reader${(readers += 1)}@example.com`;
  const ask = async (email: string) => (await running()).submit('/sign-in', { email });
  const mailsTo = async (email: string) => (await inboxOf(database)).filter(({ to }) => to === email);
  /** Mails to sign in have one link, those of the mailing have several. */
  const newestMailTo = (email: string) =>
    waitFor(
      async () => (await mailsTo(email)).filter(({ addresses }) => addresses.length === 1).at(-1),
      () => `a mail to ${email}`,
    );
  const mailingTo = async (email: string) => {
    await (await running()).sendMailing();
    return (await mailsTo(email)).find(({ addresses }) => addresses.length > 1)!.links;
  };
  /** A process that is told to stop finishes its mails first, so that afterwards there are all there will be. */
  const allMailsTo = async (email: string) => {
    if (current) expect((await current.stop()).code).toBe(0);
    current = undefined;
    return mailsTo(email);
  };
  const linkIn = ({ addresses }: Letter) => {
    expect(addresses).toHaveLength(1);
    return addresses[0];
  };
  const linkFor = async (email: string) => {
    expect((await ask(email)).status).toBe(200);
    return linkIn(await newestMailTo(email));
  };
  const rowOf = async (link: string) => {
    const [row] = await database.query<{ use_count: number; seconds: number } | undefined>(
      `SELECT use_count, extract(epoch FROM expires_at - issued_at)::int AS seconds, max_uses, login_mode
       FROM request_token WHERE id = $1`,
      [tokenOf(link).id],
    );
    return row;
  };
  const signedIn = async (email: string) => {
    const link = await linkFor(email);
    const browser = new Browser(await running());
    expect((await browser.submit(link)).status).toBe(303);
    return browser;
  };
  const sessions = () => database.query('SELECT sid FROM session');

  it('begins with a link in the menu, and a form of one field', async () => {
    const app = await running();
    expect((await app.open('/')).text).toContain('<a href="/sign-in">Sign in</a>');
    const { status, headers, text } = await app.open('/sign-in');
    expect(status).toBe(200);
    expect(text.match(/<input[^>]*>/g)).toEqual([expect.stringContaining('name="email"')]);
    expect(headers.get('set-cookie')).toBeNull();
  });

  it.each(['', 'ann', 'ann@', 'a@b.example, c@d.example'])('wants an address: %j', async (email) => {
    const { status, text } = await ask(email);
    expect(status).toBe(400);
    expect(text).toContain('Please enter an e-mail address');
  });

  it('is answered the same for everybody, and only who is subscribed gets a mail', async () => {
    const known = newReader();
    const unsubscribed = newReader();
    await running();
    await database.query('UPDATE subscriber SET unsubscribed_at = now() WHERE email = $1', [unsubscribed]);
    const answers: Answer[] = [];
    for (const email of [known, 'nobody@example.com', unsubscribed]) answers.push(await ask(email));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0].status).toBe(200);
    expect(answers[0].headers.get('set-cookie')).toBeNull();

    const [letter, ...others] = await allMailsTo(known);
    expect(others).toEqual([]);
    expect(letter.parsed.text?.replace(/\s+/g, ' ')).toContain('It works once, and expires in 10 minutes');
    expect(await rowOf(linkIn(letter))).toEqual({
      use_count: 0,
      max_uses: 1,
      seconds: 600,
      login_mode: 'session',
    });
    expect(await mailsTo('nobody@example.com')).toEqual([]);
    expect(await mailsTo(unsubscribed)).toEqual([]);
  });

  it('is answered before anybody is looked for, so that it takes as long for everybody', async () => {
    const known = newReader();
    const app = await running();
    const holder = await database.connect();
    await holder.query('BEGIN; LOCK TABLE subscriber IN ACCESS EXCLUSIVE MODE');
    for (const email of [known, 'nobody@example.com']) {
      expect((await app.submit('/sign-in', { email })).status).toBe(200);
    }
    await holder.query('ROLLBACK');
    expect(await allMailsTo(known)).toHaveLength(1);
  });

  it('is refused for everybody while too many are being looked for', async () => {
    const app = await running();
    const holder = await database.connect();
    await holder.query('BEGIN; LOCK TABLE subscriber IN ACCESS EXCLUSIVE MODE');
    const statuses: number[] = [];
    while (statuses.at(-1) !== 503 && statuses.length < 300) {
      statuses.push((await app.submit('/sign-in', { email: 'nobody@example.com' })).status);
    }
    await holder.query('ROLLBACK');
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    await waitFor(
      async () => (await ask('nobody@example.com')).status === 200 || undefined,
      () => 'an answer as before',
    );
  });

  it('finds an address whatever its capitals', async () => {
    const email = newReader();
    expect((await ask(` ${email.toUpperCase()} `)).status).toBe(200);
    expect(linkIn(await newestMailTo(email))).toContain('/account?rt=');
  });

  it('brings one mail in two minutes, however often and fast it is asked for', async () => {
    const email = newReader();
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(email)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(await allMailsTo(email)).toHaveLength(1);

    const secondsAgo = (seconds: number) =>
      database.query(
        `UPDATE fresh_link SET sent_at = now() - make_interval(secs => $2) FROM subscriber
         WHERE subscriber.id = subscriber_id AND email = $1 AND scope = 'sign-in'`,
        [email, seconds],
      );
    await secondsAgo(110);
    await ask(email);
    expect(await allMailsTo(email)).toHaveLength(1);
    await secondsAgo(121);
    await ask(email);
    expect(await allMailsTo(email)).toHaveLength(2);
  });

  it('needs a click, renews the session, and leaves the address bar without the token', async () => {
    const email = newReader();
    const link = await linkFor(email);
    const browser = new Browser(await running());
    const page = await browser.open(link);
    expect(page.status).toBe(200);
    expect(page.text).toContain(CONFIRM_BUTTON);
    expect(page.text).toContain('href="/style.css"');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(browser.cookie).toBeUndefined();

    const answer = await browser.submit(link, { rt: tokenOf(link).jwt });
    expect(answer.status).toBe(303);
    // It names no host, so that the reader stays on the one that the link was opened on.
    const { href: location } = new URL(answer.headers.get('location')!, link);
    expect(location).toBe(link.slice(0, link.indexOf('?')));
    const cookie = answer.headers.get('set-cookie');
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Lax/);
    expect(cookie).not.toMatch(/; Secure/);

    const account = await browser.open(location);
    expect(account.status).toBe(200);
    expect(account.text).toContain(email);
    expect(account.text).toContain('<button>Sign out</button>');
    expect(account.headers.get('cache-control')).toBe('no-store');
    expect((await browser.open('/')).text).toContain('<a href="/account">Account</a>');
  });

  it('works once', async () => {
    const link = await linkFor(newReader());
    const app = await running();
    const browsers = Array.from({ length: 5 }, () => new Browser(app));
    const answers = await Promise.all(browsers.map((browser) => browser.submit(link)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 403, 403, 403, 403]);
    expect(browsers.filter(({ cookie }) => cookie)).toHaveLength(1);
    const late = await new Browser(app).open(link);
    expect(late.status).toBe(403);
    expect(late.text).toContain('token_exhausted');
    expect(late.text).toContain('<a href="/sign-in">Sign in</a>');
  });

  it('is refused once it has expired, with the way to a new one', async () => {
    const link = await expire(database, await linkFor(newReader()));
    const app = await running();
    for (const answer of [await app.open(link), await app.submit(link)]) {
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('token_expired');
      expect(answer.text).toContain('<p><a href="/sign-in">Sign in</a></p>');
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
  });

  it('is not done, and not used up, by scanners', async () => {
    const link = await linkFor(newReader());
    const app = await running();
    const before = (await sessions()).length;
    for (const method of ['HEAD', 'GET']) {
      for (const headers of [{}, BROWSER_HEADERS, { ...BROWSER_HEADERS, 'Sec-Purpose': 'prefetch' }]) {
        const answer = await app.request(link, { method, headers });
        expect(answer.headers.get('set-cookie')).toBeNull();
      }
    }
    expect(await rowOf(link)).toMatchObject({ use_count: 0 });
    expect(await sessions()).toHaveLength(before);
    expect((await new Browser(app).submit(link)).status).toBe(303);
  });

  it('is needed for the account page, which names the way', async () => {
    const app = await running();
    for (const path of ['/account', '/preferences']) {
      const { status, text } = await app.open(path);
      expect(status).toBe(401);
      expect(text).toContain('<p><a href="/sign-in">Sign in</a></p>');
    }
    const forged = { ...BROWSER_HEADERS, Cookie: 'newsletter.sid=s%3Ajunk.junk' };
    expect((await app.request('/account', { headers: forged })).status).toBe(401);
  });

  it('shows invitations that were accepted, and lets preferences be changed without a link', async () => {
    const email = newReader();
    await running();
    await database.query(
      `INSERT INTO rsvp (event, subscriber_id)
       SELECT unnest(ARRAY['spring-meetup', 'gone']), id FROM subscriber WHERE email = $1`,
      [email],
    );
    const browser = await signedIn(email);
    const { text } = await browser.open('/account');
    expect(text).toContain('<a href="/preferences">');
    expect(text.match(/<li>[^<]+/g)).toEqual(['<li>gone ', expect.stringMatching(/invited/)]);
    expect((await browser.open('/preferences')).text).toContain(email);
    const saved = await browser.submit('/preferences', { name: 'Zoë', mailFormat: 'text' });
    expect(saved.status).toBe(200);
    expect(saved.text).toContain('<a href="/account">');
    expect((await browser.open('/account')).text).toContain('<dd>Zoë</dd>');
  });

  it('ends with signing out, for copies of the cookie, too', async () => {
    const browser = await signedIn(newReader());
    const { cookie } = browser;
    expect((await browser.open('/sign-out')).status).toBe(404);
    expect((await browser.open('/account')).status).toBe(200);
    const answer = await browser.submit('/sign-out');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    expect(browser.cookie).toBeUndefined();
    expect((await browser.open('/account')).status).toBe(401);
    browser.cookie = cookie;
    expect((await browser.open('/account')).status).toBe(401);
    // Once more is harmless.
    expect((await browser.submit('/sign-out')).status).toBe(303);
  });

  it('outlives the process, but not the subscriber', async () => {
    const email = newReader();
    const { cookie } = await signedIn(email);
    await allMailsTo(email); // stops the app
    const browser = new Browser(await running());
    browser.cookie = cookie;
    expect((await browser.open('/account')).text).toContain(email);
    await database.query('DELETE FROM subscriber WHERE email = $1', [email]);
    expect((await browser.open('/account')).status).toBe(401);
  });

  it("refuses somebody else's links while signed in, and uses none of them up", async () => {
    const other = newReader();
    const browser = await signedIn(newReader());
    const signIn = await linkFor(other);
    const mailing = await mailingTo(other);
    for (const link of [signIn, mailing.rsvp, mailing.preferences, mailing.unsubscribe]) {
      for (const answer of [await browser.open(link), await browser.submit(link)]) {
        expect(answer.status).toBe(403);
        expect(answer.text).toContain('token_audience_mismatch');
        expect(answer.text).not.toContain('<form');
        expect(answer.text).toContain('<a href="/account">Your account</a>');
      }
      // Links to unsubscribe and to preferences have no row before they are used.
      expect((await rowOf(link))?.use_count ?? 0).toBe(0);
    }
    await browser.submit('/sign-out');
    expect((await browser.open(mailing.preferences)).status).toBe(200);
    expect((await browser.submit(signIn)).status).toBe(303);
    expect((await browser.open('/account')).text).toContain(other);
  });

  it('accepts own links while signed in', async () => {
    const email = newReader();
    const browser = await signedIn(email);
    const { rsvp } = await mailingTo(email);
    expect((await browser.submit(rsvp)).status).toBe(200);
    expect((await browser.open('/account')).text).toContain('invited');
  });

  it('sets a secure cookie if BASE_URL is https, whatever a proxy tells', async () => {
    const email = newReader();
    if (current) await current.stop();
    current = await sandbox.start({ ...env, BASE_URL: 'https://news.example.com' });
    const link = await linkFor(email);
    const answer = await current.submit(link);
    expect(answer.headers.get('location')).toBe('/account');
    expect(answer.headers.get('set-cookie')).toMatch(/; Secure/);
    await current.stop();
    current = undefined;
  });
});

describe('Signing in by mail, on the embedded database, in production', () => {
  const sandbox = new Sandbox();
  afterAll(() => sandbox.close());

  it('works, and nothing is warned of', async () => {
    const app = await sandbox.start({ NODE_ENV: 'production', SUBSCRIBERS: await sandbox.subscribers(1) });
    const started = app.output;
    await app.submit('/sign-in', { email: 'reader1@example.com' });
    const mail = await waitFor(
      async () => /<a href="(\/inbox\/\d+)"/.exec((await app.open('/inbox')).text)?.[1],
      () => 'the mail',
    );
    const [link] = /http[^"<>\s]+\/account\?rt=[^"<>\s]+/.exec((await app.open(mail)).text)!;
    const browser = new Browser(app);
    expect((await browser.submit(link)).status).toBe(303);
    expect((await browser.open('/account')).text).toContain('reader1@example.com');
    expect((await browser.submit('/sign-out')).status).toBe(303);
    expect((await browser.open('/account')).status).toBe(401);
    expect(app.output).toBe(started);
    expect(started).not.toMatch(/warn/i);
  });
});
