import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expire } from '../support/expired-link.js';
import { inboxOf, type Letter, readLetter, tokenOf } from '../support/letters.js';
import type { Answer, Newsletter } from '../support/newsletter.js';
import { Sandbox, type SandboxDatabase } from '../support/sandbox.js';
import { waitFor } from '../support/wait-for.js';

type LinkName = keyof Letter['links'];

describe('A link that has expired', () => {
  const sandbox = new Sandbox();
  let database: SandboxDatabase;
  let env: Record<string, string>;
  let unread: Letter[];
  let current: Newsletter | undefined;

  beforeAll(async () => {
    database = await sandbox.database();
    env = { DATABASE_URL: database.url, SUBSCRIBERS: await sandbox.subscribers(17) };
    const app = await running();
    await app.sendMailing();
    unread = await inboxOf(database);
  });
  afterAll(() => sandbox.close());

  const running = async () => (current ??= await sandbox.start(env));

  /** A link of a mail that no other test has touched, as it is when its time is over. */
  const expired = async (name: LinkName) => {
    const letter = unread.shift()!;
    const link = await expire(database, letter.links[name]);
    return { letter, link, ...tokenOf(link) };
  };
  const wayOut = ({ text }: Answer) => /<a href="([^"]*fresh[^"]*)"/.exec(text)?.[1].replaceAll('&amp;', '&');
  const mailsTo = async ({ to }: Letter) => {
    const rows = await database.query<{ raw: Buffer }>('SELECT raw FROM inbox_message ORDER BY id');
    const parsed = await Promise.all(
      rows.filter(({ raw }) => raw.includes(`<${to}>`)).map(async ({ raw }) => readLetter(raw)),
    );
    return parsed.slice(1); // The mailing came first.
  };
  const newMailTo = (letter: Letter) =>
    waitFor(
      async () => (await mailsTo(letter))[0],
      () => `a new mail to ${letter.to}`,
    );
  /** A process that is told to stop finishes its mails first, so that afterwards there are all there will be. */
  const allMailsTo = async (letter: Letter) => {
    if (current) expect((await current.stop()).code).toBe(0);
    current = undefined;
    return mailsTo(letter);
  };

  it('shows people a page with a way out', async () => {
    const app = await running();
    const { link } = await expired('rsvp');
    const page = await app.open(link);
    expect(page.status).toBe(403);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.text).toContain('This link has expired');
    expect(page.text).not.toContain('<form');
    const offer = await app.open(wayOut(page)!);
    expect(offer.status).toBe(200);
    expect(offer.text.match(/<button[^>]*>[^<]*/g)).toEqual(['<button>Send me a new link']);
    expect(offer.headers.get('cache-control')).toBe('no-store');
    expect(offer.headers.get('x-robots-tag')).toBe('noindex');
    expect(offer.headers.get('referrer-policy')).toMatch(/^(same-origin|no-referrer)$/);
  });

  it('tells programs so in JSON', async () => {
    const app = await running();
    const { link } = await expired('rsvp');
    for (const method of ['GET', 'POST']) {
      const { status, text } = await app.request(link, { method });
      expect({ status, body: JSON.parse(text) }).toEqual({
        status: 403,
        body: { statusCode: 403, error: 'Forbidden', code: 'token_expired', message: expect.any(String) },
      });
    }
  });

  it.each<[LinkName, RegExp, (app: Newsletter, link: string) => Promise<Answer>]>([
    ['rsvp', /See you there/, (app, link) => app.submit(link)],
    ['unsubscribe', /You are unsubscribed/, (app, link) => app.submit(link)],
    ['preferences', /Your preferences/, (app, link) => app.open(link)],
  ])(
    'is replaced, at the press of a button, by a new one in the mail that works: %s',
    async (name, done, use) => {
      const app = await running();
      const { letter, jwt, link } = await expired(name);
      const answer = await app.submit(wayOut(await app.open(link))!.split('?')[0], { rt: jwt });
      expect(answer.status).toBe(200);
      const { to, parsed, addresses } = await newMailTo(letter);
      expect(to).toBe(letter.to);
      expect(parsed.subject).toMatch(/new link/);
      expect(addresses).toHaveLength(1);
      const [fresh] = addresses;
      expect(new URL(fresh).pathname).toBe(new URL(link).pathname);
      expect(tokenOf(fresh).id).not.toBe(tokenOf(link).id);
      const used = await use(app, fresh);
      expect(used.status).toBe(200);
      expect(used.text).toMatch(done);
      expect((await app.open(link)).status).toBe(403);
    },
  );

  it('brings one mail however often, and however fast, the button is pressed, and always the same answer', async () => {
    const app = await running();
    const { letter, jwt } = await expired('rsvp');
    const press = () => app.submit('/fresh-link', { rt: jwt });
    const answers = await Promise.all(Array.from({ length: 10 }, press));
    await newMailTo(letter);
    answers.push(await press());
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(await allMailsTo(letter)).toHaveLength(1);
  });

  it('brings no mail to who only opens pages, as scanners do', async () => {
    const app = await running();
    const { letter, link } = await expired('rsvp');
    const offer = wayOut(await app.open(link))!;
    for (const method of ['HEAD', 'GET']) await app.request(offer, { method });
    await app.open(offer);
    expect(await allMailsTo(letter)).toEqual([]);
  });

  it('is answered the same for whom nothing is sent: strangers, people who have left, links that still work, and junk', async () => {
    const app = await running();
    const known = await expired('preferences');
    const gone = await expired('preferences');
    const unsubscribed = await expired('preferences');
    const working = unread.shift()!;
    await database.query('DELETE FROM subscriber WHERE email = $1', [gone.letter.to]);
    await database.query('UPDATE subscriber SET unsubscribed_at = now() WHERE email = $1', [
      unsubscribed.letter.to,
    ]);
    const press = async (rt: string) => {
      const { status, text } = await app.submit('/fresh-link', { rt });
      return { status, text };
    };
    const answer = await press(known.jwt);
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain(known.letter.to);
    for (const jwt of [
      gone.jwt,
      unsubscribed.jwt,
      tokenOf(working.links.preferences).jwt,
      `${known.jwt.slice(0, -4)}AAAA`,
      'junk',
    ]) {
      expect(await press(jwt)).toEqual(answer);
    }
    expect(await allMailsTo(known.letter)).toHaveLength(1);
    for (const letter of [gone.letter, unsubscribed.letter, working]) {
      expect(await mailsTo(letter)).toEqual([]);
    }
  });

  it('is looked for behind the answer, so that it takes as long for every link', async () => {
    const app = await running();
    const { letter, jwt } = await expired('rsvp');
    const holder = await database.connect();
    await holder.query('BEGIN; LOCK TABLE request_token IN ACCESS EXCLUSIVE MODE');
    for (const rt of [jwt, 'junk']) expect((await app.submit('/fresh-link', { rt })).status).toBe(200);
    await holder.query('ROLLBACK');
    expect(await allMailsTo(letter)).toHaveLength(1);
  });

  it('is not replaced if it was used up or revoked', async () => {
    const app = await running();
    const letters: Letter[] = [];
    for (const change of ['use_count = 1', 'revoked_at = now()']) {
      const { letter, id, jwt, link } = await expired('rsvp');
      await database.query(`UPDATE request_token SET ${change} WHERE id = $1`, [id]);
      expect(wayOut(await app.open(link))).toBeUndefined();
      await app.submit('/fresh-link', { rt: jwt });
      letters.push(letter);
    }
    for (const letter of letters) expect(await allMailsTo(letter)).toEqual([]);
  });
});
