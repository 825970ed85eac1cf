import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inboxOf, type Letter, tokenOf } from '../support/letters.js';
import { type Answer, BROWSER_HEADERS, type Newsletter } from '../support/newsletter.js';
import { Sandbox, type SandboxDatabase } from '../support/sandbox.js';
import { waitFor } from '../support/wait-for.js';

const A_JWT = /eyJ[\w-]+\.[\w-]+/;

const buttonsOf = ({ text }: Answer) =>
  [...text.matchAll(/<button[^>]*>([^<]*)</g)].map(([, label]) => label);
const headingOf = ({ text }: Answer) => /<h1>([^<]*)</.exec(text)?.[1];

/** What the admin says of a token, in JSON. */
interface Known {
  token: { scope: string; userId: string; useCount: number; maxUses: number | null };
  state: string;
  attempts: {
    outcome: string;
    repeats: number;
    statusCode: number;
    method: string;
    path: string;
    userAgent: string;
  }[];
}

describe('The links in a mail', () => {
  const sandbox = new Sandbox();
  let database: SandboxDatabase;
  let app: Newsletter;
  let unread: Letter[];

  beforeAll(async () => {
    database = await sandbox.database();
    app = await sandbox.start({ DATABASE_URL: database.url, SUBSCRIBERS: await sandbox.subscribers(12) });
    await app.sendMailing();
    unread = await inboxOf(database);
  });
  afterAll(() => sandbox.close());

  /** A mail that no other test has touched. */
  const nextLetter = () => unread.shift()!;
  const subscriber = async ({ to }: Letter) => {
    const [row] = await database.query<{ name: string; mail_format: string; unsubscribed_at: Date | null }>(
      'SELECT name, mail_format, unsubscribed_at FROM subscriber WHERE email = $1',
      [to],
    );
    return row;
  };
  const rsvpsOf = ({ to }: Letter) =>
    database.query('SELECT FROM rsvp JOIN subscriber ON id = subscriber_id WHERE email = $1', [to]);
  /** What the pages of tokens say, once what happened has been written down. */
  const usage = async (link: string, attempts: number) => {
    const { id } = tokenOf(link);
    await waitFor(
      async () => {
        const [{ settled }] = await database.query<{ settled: number }>(
          `SELECT coalesce(sum(repeats), 0)::int AS settled FROM request_token_log
           WHERE token_id = $1 AND outcome <> 'pending'`,
          [id],
        );
        return settled >= attempts || undefined;
      },
      () => `${attempts} attempts to be logged`,
    );
    const { text } = await app.request(`/request-tokens/${id}`, { headers: { Accept: 'application/json' } });
    return JSON.parse(text) as Known;
  };
  /** The page that the box for links leads to. */
  const search = async (link: string) => {
    const answer = await app.submit('/request-tokens/find', { q: link });
    return answer.status === 303 ? app.open(answer.headers.get('location')!) : answer;
  };
  const verdictOf = ({ text }: Answer) => /<p class="verdict[^>]*>([^<]*)</.exec(text)?.[1];

  it('unsubscribe whoever confirms it, again and again', async () => {
    const letter = nextLetter();
    const { unsubscribe } = letter.links;
    const page = await app.open(unsubscribe);
    expect(page.status).toBe(200);
    expect(buttonsOf(page)).toEqual(['Unsubscribe']);
    expect((await subscriber(letter)).unsubscribed_at).toBeNull();

    const done = await app.submit(unsubscribe, { rt: tokenOf(unsubscribe).jwt });
    expect(done.status).toBe(200);
    expect(headingOf(done)).toMatch(/unsubscribed/i);
    expect(done.text).toContain(letter.to);
    const first = (await subscriber(letter)).unsubscribed_at;
    expect(first).not.toBeNull();

    expect((await app.open(unsubscribe)).status).toBe(200);
    for (let click = 2; click <= 3; click += 1) {
      const again = await app.submit(unsubscribe, { rt: tokenOf(unsubscribe).jwt });
      expect({ status: again.status, text: again.text }).toEqual({ status: 200, text: done.text });
    }
    expect((await subscriber(letter)).unsubscribed_at).toEqual(first);
    const { token, state, attempts } = await usage(unsubscribe, 3);
    expect({ maxUses: token.maxUses, state }).toEqual({ maxUses: null, state: 'usable' });
    expect(attempts).toMatchObject(
      Array(3).fill({ method: 'POST', path: '/unsubscribe', outcome: 'used', statusCode: 200 }),
    );
  });

  it('say once that their reader will come', async () => {
    const letter = nextLetter();
    const { rsvp } = letter.links;
    const page = await app.open(rsvp);
    expect(buttonsOf(page).map((label) => label.replace(/&#39;|&#x27;/, "'"))).toEqual(["I'll be there"]);
    expect(await rsvpsOf(letter)).toHaveLength(0);
    expect(await usage(rsvp, 0)).toMatchObject({ token: { useCount: 0 }, state: 'usable', attempts: [] });

    const done = await app.submit(rsvp, { rt: tokenOf(rsvp).jwt });
    expect(done.status).toBe(200);
    expect(await rsvpsOf(letter)).toHaveLength(1);
    expect(await usage(rsvp, 1)).toMatchObject({
      token: { scope: 'rsvp', useCount: 1, maxUses: 1 },
      state: 'exhausted',
      attempts: [{ outcome: 'used', statusCode: 200, userAgent: BROWSER_HEADERS['User-Agent'] }],
    });

    for (const again of [await app.submit(rsvp, { rt: tokenOf(rsvp).jwt }), await app.open(rsvp)]) {
      expect(again.status).toBe(403);
      expect(again.text).toMatch(/already been used/);
      expect(buttonsOf(again)).toEqual([]);
    }
    expect(await rsvpsOf(letter)).toHaveLength(1);
    const { attempts } = await usage(rsvp, 3);
    // Those of one minute are one row.
    const outcomes = attempts.flatMap(({ outcome, repeats }) => Array<string>(repeats).fill(outcome));
    expect(outcomes.sort()).toEqual(['token_exhausted', 'token_exhausted', 'used']);
  });

  it('show and save the preferences of their reader', async () => {
    const letter = nextLetter();
    const { preferences } = letter.links;
    const { jwt } = tokenOf(preferences);
    const form = await app.open(preferences);
    expect(form.status).toBe(200);
    expect(form.text).toContain(`value="${(await subscriber(letter)).name}"`);

    const saved = await app.submit('/preferences', { rt: jwt, name: '<b>Zoë</b>', mailFormat: 'text' });
    expect(saved.status).toBe(200);
    expect(saved.text).toContain('&lt;b&gt;Zoë&lt;/b&gt;');
    expect(await subscriber(letter)).toMatchObject({ name: '<b>Zoë</b>', mail_format: 'text' });
    const again = await app.open(preferences);
    expect(again.text).toMatch(/value="text"\s+checked/);
    expect((await usage(preferences, 3)).token.maxUses).toBeNull();

    const bad = await app.submit('/preferences', { rt: jwt, name: ' ', mailFormat: 'text' });
    expect(bad.status).toBe(400);
    expect(bad.text).toContain('Please enter a name.');
    expect((await subscriber(letter)).name).toBe('<b>Zoë</b>');
  });

  it.each(['GET', 'POST'])('are what the login guard of the preferences asks for: %s', async (method) => {
    const letter = nextLetter();
    const before = await subscriber(letter);
    const body = () =>
      method === 'POST' ? new URLSearchParams({ name: 'Mallory', mailFormat: 'text' }) : undefined;
    const { jwt } = tokenOf(letter.links.preferences);
    const { jwt: ofAnother } = tokenOf(letter.links.rsvp);
    for (const query of ['', '?rt=', '?rt=junk', `?rt=${jwt.slice(0, -2)}`, `?rt=${ofAnother}`]) {
      const { status } = await app.request(`/preferences${query}`, { method, body: body() });
      expect({ query, refused: [401, 403].includes(status) }).toEqual({ query, refused: true });
    }
    expect(await subscriber(letter)).toEqual(before);
    const { status } = await app.request(`/preferences?rt=${jwt}`, { method, body: body() });
    expect(status).toBe(200);
  });

  it('are explained by the pages of tokens, pasted whole, in part or wrong', async () => {
    const letter = nextLetter();
    const { rsvp, unsubscribe } = letter.links;

    const usable = await search(`  ${unsubscribe} `);
    expect(verdictOf(usable)).toMatch(/^This link works: it can be used any number of times/);
    expect(usable.text).toContain(letter.to);
    expect(verdictOf(await search(tokenOf(unsubscribe).jwt))).toMatch(/^This link works/);

    await app.submit(rsvp, { rt: tokenOf(rsvp).jwt });
    await usage(rsvp, 1);
    expect(verdictOf(await search(rsvp))).toMatch(
      /^This link was used on .* once only, so it does not work any more/,
    );
    expect(headingOf(await search(letter.to))).toBe('Tokens');

    for (const [pasted, reason] of [
      [rsvp.slice(0, -5) + 'AAAAA', /changed on its way/],
      [rsvp.slice(0, -60), /damaged|changed on its way/],
      ['https://example.com/', /no token in it|damaged/],
      ['junk', /no such user/],
    ] as const) {
      const answer = await search(pasted);
      expect(answer.status).toBe(404);
      expect(verdictOf(answer)).toMatch(reason);
    }
    expect((await search('')).status).toBe(400);
    expect((await search('x'.repeat(10_000))).status).toBe(400);
  });

  it('tell their token to no page but those that need it', async () => {
    const letter = nextLetter();
    const { rsvp, preferences, unsubscribe } = letter.links;
    const { jwt } = tokenOf(preferences);
    const answers = [
      await app.submit(rsvp, { rt: tokenOf(rsvp).jwt }),
      await app.open(rsvp),
      await app.submit(unsubscribe, { rt: tokenOf(unsubscribe).jwt }),
      await app.submit('/preferences', { rt: jwt, name: 'Ann', mailFormat: 'html' }),
      await app.submit('/preferences', { rt: jwt, name: '', mailFormat: 'html' }),
      await app.open(`${unsubscribe}x`),
      await app.open(`/inbox/x?rt=${jwt}`),
      await search(rsvp),
      await search(unsubscribe),
      await search(`${unsubscribe}x`),
      await search(`${unsubscribe}${'x'.repeat(9_000)}`),
    ];
    for (const link of Object.values(letter.links))
      answers.push(await app.open(`/request-tokens/${tokenOf(link).id}`));
    for (const page of [
      '/',
      '/inbox',
      '/request-tokens',
      '/request-tokens/attempts',
      '/mailings/spring-meetup',
    ])
      answers.push(await app.open(page));
    for (const { text, headers } of answers) {
      expect(text).not.toMatch(A_JWT);
      expect(JSON.stringify([...headers])).not.toMatch(A_JWT);
    }
    expect(app.output).not.toMatch(A_JWT);
  });

  it('tell their token to no page that does not exist', async () => {
    const { jwt } = tokenOf(nextLetter().links.unsubscribe);
    for (const answer of [
      await app.open(`/unsubscrib?rt=${jwt}`),
      await app.request(`/unsubscrib?rt=${jwt}`),
      await app.submit(`/unsubscrib?rt=${jwt}`),
    ]) {
      expect(answer.status).toBe(404);
      expect(answer.text).not.toMatch(A_JWT);
    }
  });

  it('would be joined by a one-click button of the mail program, says the inbox', async () => {
    const { text } = await app.open('/inbox/1');
    expect(text).toContain('A mail program would offer it');
    expect(text.match(/>Yes<\/strong>/g)).toHaveLength(5);
  });

  it('keep themselves out of caches, search engines and the Referer', async () => {
    for (const link of Object.values(nextLetter().links)) {
      const { headers } = await app.open(link);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-robots-tag')).toBe('noindex');
      expect(headers.get('referrer-policy')).toMatch(/^(no-referrer|same-origin)$/);
    }
  });
});
