import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { inboxOf, readLetter } from '../support/letters.js';
import { Sandbox, type SandboxDatabase } from '../support/sandbox.js';

jest.setTimeout(60_000);

describe('A mailing', () => {
  let sandbox: Sandbox;
  let database: SandboxDatabase;
  beforeEach(async () => {
    sandbox = new Sandbox();
    database = await sandbox.database();
  });
  afterEach(() => sandbox.close());

  const start = async (readers: number, env: Record<string, string> = {}) =>
    sandbox.start({
      DATABASE_URL: database.url,
      SUBSCRIBERS: await sandbox.subscribers(readers),
      ...env,
    });
  const recipients = async () => (await inboxOf(database)).map(({ to }) => to).sort();
  const readers = (...numbers: number[]) => numbers.map((number) => `reader${number}@example.com`);
  const numbersTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

  it('is one mail with three links to each subscriber, and none to those who have unsubscribed, however often it is sent', async () => {
    const app = await start(5);
    await database.query(`UPDATE subscriber SET unsubscribed_at = now() WHERE email LIKE 'reader2@%'`);
    await app.sendMailing();
    const letters = await inboxOf(database);
    expect(letters.map(({ to }) => to).sort()).toEqual(readers(1, 3, 4, 5));
    for (const { to, parsed, links } of letters) {
      expect(parsed.subject).toBe('You are invited: spring meetup on 17 April');
      expect(parsed.text).toContain(`Hello ${to.replace(/reader(\d+)@.*/, 'Reader $1')},`);
      for (const link of Object.values(links)) {
        expect(new URL(link).origin).toBe(app.announced);
        expect(parsed.text).toContain(`<${link}>`);
        expect(parsed.html).toContain(`href="${link}"`);
      }
    }
    const all = letters.flatMap(({ links }) => Object.values(links));
    expect(new Set(all).size).toBe(4 * 3);

    await app.sendMailing();
    await app.sendMailing();
    expect(await recipients()).toEqual(readers(1, 3, 4, 5));

    // Somebody new gets it, and nobody else.
    await database.query(`INSERT INTO subscriber (email, name) VALUES ('reader6@example.com', 'Reader 6')`);
    await app.sendMailing();
    expect(await recipients()).toEqual(readers(1, 3, 4, 5, 6));
  });

  it('that is cut short by SIGKILL goes on when it is sent again, and nobody gets it twice', async () => {
    const mailServer = await sandbox.mailServer();
    const READERS = 240;
    const env = { SMTP_URL: mailServer.url };
    let app = await start(READERS, env);
    let killed: Promise<void> | undefined;
    const sendAndKill = async (at: number) => {
      killed = undefined;
      mailServer.onMail = (count) => {
        // The server has this mail, but the app has not heard so yet.
        if (count === at) killed = app.kill();
        return killed;
      };
      await app.mailingSettled();
      await app.submit('/mailings/spring-meetup/send');
      await app.end();
      expect(killed).toBeDefined();
    };

    await sendAndKill(80);
    app = await start(READERS, env);
    expect((await app.open('/mailings/spring-meetup')).text).toMatch(/<strong>1<\/strong> interrupted/);
    await sendAndKill(160);
    mailServer.onMail = undefined;
    app = await start(READERS, env);
    await app.sendMailing();

    const letters = await Promise.all(mailServer.mails.map(readLetter));
    const to = letters.map((letter) => letter.to);
    expect(to).toHaveLength(READERS);
    expect(new Set(to)).toEqual(new Set(readers(...numbersTo(READERS))));
    const { text } = await app.open('/mailings/spring-meetup');
    expect(text).toContain(`<strong>${READERS - 2}</strong> sent`);
    expect(text).toContain('<strong>2</strong> interrupted');
    expect(text).toContain('There is nobody left to send it to.');
  });

  it('is sent to nobody twice by two processes on one database', async () => {
    const [one, other] = await Promise.all([start(60), start(60)]);
    await Promise.all([one, other, one, other].map((app) => app.submit('/mailings/spring-meetup/send')));
    await Promise.all([one.sendMailing(), other.sendMailing()]);
    expect(await recipients()).toEqual(readers(...numbersTo(60)).sort());
  });

  it('says on its page what the mail server has refused, and is sent again to them alone', async () => {
    const mailServer = await sandbox.mailServer();
    const app = await start(3, { SMTP_URL: mailServer.url });
    mailServer.onMail = (count) => {
      if (count === 2) throw Object.assign(new Error('Mailbox full'), { responseCode: 552 });
    };
    await app.sendMailing();
    const { text } = await app.open('/mailings/spring-meetup');
    expect(text).toMatch(/reader2@example\.com<\/strong>:\s+failed/);
    expect(text).toContain('Mailbox full');

    mailServer.onMail = undefined;
    mailServer.mails.length = 0;
    await app.sendMailing();
    const letters = await Promise.all(mailServer.mails.map(readLetter));
    expect(letters.map(({ to }) => to)).toEqual(readers(2));
  });
});
