import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inboxOf, type Letter, tokenOf } from '../support/letters.js';
import { BROWSER_HEADERS, type Newsletter } from '../support/newsletter.js';
import { Sandbox, type SandboxDatabase } from '../support/sandbox.js';

const READERS = 100;

const VISITS: [string, RequestInit, number[]][] = [
  ['by HEAD', { method: 'HEAD' }, [200]],
  ['by GET, as a bare client', {}, [200]],
  ['by GET, as a browser', { headers: BROWSER_HEADERS }, [200]],
  ['before anybody asked for it', { headers: { ...BROWSER_HEADERS, 'Sec-Purpose': 'prefetch' } }, [503]],
  [
    'before anybody asked for it, in an older way',
    { headers: { ...BROWSER_HEADERS, Purpose: 'prefetch' } },
    [503],
  ],
];

describe(`A scanner that follows every link of ${READERS} mails`, () => {
  const sandbox = new Sandbox();
  let database: SandboxDatabase;
  let app: Newsletter;
  let letters: Letter[];
  let spare: Letter;

  beforeAll(async () => {
    database = await sandbox.database();
    app = await sandbox.start({
      DATABASE_URL: database.url,
      SUBSCRIBERS: await sandbox.subscribers(READERS + 1),
    });
    await app.sendMailing();
    [spare, ...letters] = await inboxOf(database);
  });
  afterAll(() => sandbox.close());

  it.each(VISITS)(
    '%s uses up none, unsubscribes nobody and accepts no invitation',
    async (_, init, expected) => {
      const links = letters.flatMap(({ addresses }) => addresses);
      expect(letters).toHaveLength(READERS);
      expect(links).toHaveLength(READERS * 3);
      const statuses = new Set<number>();
      for (let start = 0; start < links.length; start += 20) {
        const answers = await Promise.all(
          links.slice(start, start + 20).map((link) => app.request(link, init)),
        );
        for (const { status } of answers) statuses.add(status);
      }
      expect([...statuses]).toEqual(expected);

      await expectNothingHappened();
    },
  );

  const expectNothingHappened = async () => {
    // A page of preferences may be opened without end; it only shows a form.
    const idsOf = (name: 'rsvp' | 'unsubscribe') => letters.map(({ links }) => tokenOf(links[name]).id);
    const ids = [...idsOf('rsvp'), ...idsOf('unsubscribe')];
    // Links to unsubscribe have no row before they are used.
    const counts = await database.query(
      'SELECT use_count, count(*)::int FROM request_token WHERE id = ANY($1) GROUP BY 1',
      [ids],
    );
    expect(counts).toEqual([{ use_count: 0, count: READERS }]);
    expect(await database.query('SELECT FROM request_token_log WHERE token_id = ANY($1)', [ids])).toEqual([]);
    const acted = await database.query(
      `SELECT email FROM subscriber LEFT JOIN rsvp ON subscriber_id = id
       WHERE email <> $1 AND (unsubscribed_at IS NOT NULL OR subscriber_id IS NOT NULL)`,
      [spare.to],
    );
    expect(acted).toEqual([]);
  };

  it('leaves every link as good as new', async () => {
    for (const init of VISITS.map(([, visit]) => visit)) {
      for (const link of spare.addresses) await app.request(link, init);
    }
    const { rsvp, preferences, unsubscribe } = spare.links;
    expect((await app.open(preferences)).status).toBe(200);
    for (const link of [rsvp, unsubscribe]) expect((await app.submit(link)).status).toBe(200);
  });
});
