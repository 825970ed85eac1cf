import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { inboxOf, type Letter, readLetter } from '../support/letters.js';
import type { Newsletter } from '../support/newsletter.js';
import { Sandbox, type SandboxDatabase } from '../support/sandbox.js';

const CSV = [
  'email,name',
  'ann@example.com,Ann',
  'dmitri@example.com,Дмитрий Соколов',
  'text@example.com,Text Only',
  'click@example.com,Click',
  'multi@example.com,Multi',
  '',
].join('\n');

describe('One-click unsubscription (RFC 8058), by way of a real SMTP server', () => {
  const sandbox = new Sandbox();
  let database: SandboxDatabase;
  let app: Newsletter;
  let letters: Letter[];

  beforeAll(async () => {
    database = await sandbox.database();
    const mailServer = await sandbox.mailServer();
    app = await sandbox.start({
      DATABASE_URL: database.url,
      SMTP_URL: mailServer.url,
      MAIL_FROM: 'News <news@example.com>',
      BASE_URL: 'https://news.example.com',
      SUBSCRIBERS: await sandbox.file('five.csv', CSV),
    });
    await database.query(`UPDATE subscriber SET mail_format = 'text' WHERE email LIKE 'text@%'`);
    await app.sendMailing();
    letters = await Promise.all(mailServer.mails.map(readLetter));
  });
  afterAll(() => sandbox.close());

  const letterTo = (name: string) => letters.find(({ to }) => to.startsWith(`${name}@`))!;
  const field = ({ parsed }: Letter, name: string) => {
    const lines = parsed.headerLines.filter(({ key }) => key === name);
    expect(lines).toHaveLength(1);
    return lines[0].line.replace(/\r?\n(?=\s)/g, '');
  };
  const addressIn = (letter: Letter) =>
    /<(.*)>/.exec(field(letter, 'list-unsubscribe').replace(/\s/g, ''))![1];
  const unsubscribedAt = async ({ to }: Letter) => {
    const [row] = await database.query<{ unsubscribed_at: Date | null }>(
      'SELECT unsubscribed_at FROM subscriber WHERE email = $1',
      [to],
    );
    return row.unsubscribed_at;
  };

  it('is offered in the header of every mail', () => {
    expect(letters).toHaveLength(5);
    for (const letter of letters) {
      expect(field(letter, 'list-unsubscribe')).toMatch(
        /^List-Unsubscribe:\s+<https:\/\/news\.example\.com\/unsubscribe\?rt=[\w.-]+>$/,
      );
      expect(field(letter, 'list-unsubscribe-post')).toBe(
        'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
      );
      expect(addressIn(letter)).toBe(letter.links.unsubscribe);
    }
  });

  describe('is signed', () => {
    /** What the start page asks to be put into DNS. */
    const publishedRecord = async () => {
      const { text } = await app.open('/');
      const [, list] = /id="dkim-record">([^]*?)<\/dl>/.exec(text)!;
      const [name, type, value] = [...list.matchAll(/<code>(.*?)<\/code>/g)].map(([, code]) =>
        code.replaceAll('&#x3D;', '='),
      );
      return { question: `${type} ${name}`, value };
    };
    const verify = async (raw: Buffer | string) => {
      const record = await publishedRecord();
      const { results } = await dkimVerify(raw, {
        resolver: (name, type) =>
          `${type} ${name}` === record.question
            ? Promise.resolve([[record.value]])
            : Promise.reject(new Error(`There is no ${type} record of ${name}`)),
      });
      return results;
    };

    it('in the name of the domain that the mail comes from, so that mail programs can check it', async () => {
      for (const { raw } of letters) {
        expect(await verify(raw)).toMatchObject([
          { signingDomain: 'example.com', selector: 'newsletter', status: { result: 'pass' } },
        ]);
      }
    });

    it.each(['from', 'to', 'subject', 'date', 'list-unsubscribe', 'list-unsubscribe-post'])(
      'including the field %s',
      (name) => {
        for (const letter of letters) {
          const [, covered] = /\bh=([^;]+);/.exec(field(letter, 'dkim-signature').replace(/\s/g, ''))!;
          expect(covered.toLowerCase().split(':')).toContain(name);
        }
      },
    );

    it.each([
      [
        'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
        'List-Unsubscribe-Post: List-Unsubscribe=No-Click',
      ],
      ['https://news.example.com/unsubscribe?rt=', 'https://evil.example.com/unsubscribe?rt='],
    ])('so that changing %s breaks the signature', async (original, changed) => {
      const raw = letterTo('ann').raw.toString('latin1');
      const [head, ...body] = raw.split('\r\n\r\n');
      expect(head).toContain(original);
      const forged = [head.replace(original, changed), ...body].join('\r\n\r\n');
      const results = await verify(Buffer.from(forged, 'latin1'));
      expect(results[0].status.result).toBe('fail');
    });
  });

  it.each<[string, string, () => RequestInit['body']]>([
    ['urlencoded', 'click', () => new URLSearchParams([['List-Unsubscribe', 'One-Click']])],
    [
      'as multipart/form-data',
      'multi',
      () => {
        const form = new FormData();
        form.append('List-Unsubscribe', 'One-Click');
        return form;
      },
    ],
  ])(
    'needs one POST, %s, which is answered without a redirect, and may be repeated',
    async (_, name, body) => {
      const letter = letterTo(name);
      expect(await unsubscribedAt(letter)).toBeNull();
      const click = () => app.request(addressIn(letter), { method: 'POST', body: body() });
      const { status, headers } = await click();
      expect({ status, location: headers.get('location') }).toEqual({ status: 200, location: null });
      const first = await unsubscribedAt(letter);
      expect(first).not.toBeNull();
      expect((await click()).status).toBe(200);
      expect(await unsubscribedAt(letter)).toEqual(first);
    },
  );

  it('happens to nobody who only opens the address', async () => {
    const letter = letterTo('ann');
    expect((await app.request(addressIn(letter))).status).toBe(200);
    expect(await unsubscribedAt(letter)).toBeNull();
  });
});

describe('One-click unsubscription by links that are neither https nor of this computer', () => {
  const sandbox = new Sandbox();
  afterAll(() => sandbox.close());

  it('is not offered, which the log and the inbox say', async () => {
    const database = await sandbox.database();
    const app = await sandbox.start({
      DATABASE_URL: database.url,
      BASE_URL: 'http://news.example.com',
      SUBSCRIBERS: await sandbox.subscribers(1),
    });
    expect(app.output).toMatch(/WARN.* do not offer one-click unsubscription.* set BASE_URL to an https/);
    await app.sendMailing();
    expect((await app.open('/inbox/1')).text).toContain('A mail program would not offer it');
    const [{ parsed }] = await inboxOf(database);
    expect(parsed.headerLines.map(({ key }) => key).filter((key) => key.startsWith('list-'))).toEqual([]);
  });
});
