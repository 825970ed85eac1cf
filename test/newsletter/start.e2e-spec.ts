import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewsletterEnd } from '../support/newsletter.js';
import { Sandbox, type SandboxDatabase } from '../support/sandbox.js';

const CSV = [
  'email,name',
  'ann@example.com,Ann',
  'no-address,Bob',
  'carl@example.com,"Carl, the second"',
  'dora@example.com,',
  '"eve@example.com,Eve',
  'ANN@example.com,Ann again',
  'frida@example.com,Frida',
  '',
].join('\n');

const everybody = (database: SandboxDatabase) =>
  database.query('SELECT id, email, name, mail_format, unsubscribed_at FROM subscriber ORDER BY id');

describe('At start, the file of subscribers', () => {
  const sandbox = new Sandbox();
  let database: SandboxDatabase;
  let env: Record<string, string>;
  beforeAll(async () => {
    database = await sandbox.database();
    env = { DATABASE_URL: database.url, SUBSCRIBERS: await sandbox.file('some.csv', CSV) };
  });
  afterAll(() => sandbox.close());

  it('is read line by line: the good ones are kept, the bad ones reported with their number, and nobody is changed by a second start', async () => {
    const first = await sandbox.start(env);
    expect(await everybody(database)).toMatchObject([
      { email: 'ann@example.com', name: 'Ann' },
      { email: 'carl@example.com', name: 'Carl, the second' },
      { email: 'frida@example.com', name: 'Frida' },
    ]);
    expect(first.output).toMatch(/line 3 is skipped: "no-address" is not an e-mail address/);
    expect(first.output).toMatch(/line 5 is skipped: the name is missing/);
    expect(first.output).toMatch(/line 6 is skipped: a quotation mark is out of place or never closed/);
    expect(first.output).toMatch(/line 7 is skipped: ANN@example.com is already on line 2/);
    expect(first.output.match(/is skipped/g)).toHaveLength(4);
    expect(first.output).toMatch(/3 new, 0 already known, 4 skipped/);
    await first.stop();

    await database.query(`UPDATE subscriber SET unsubscribed_at = now() WHERE email = 'ann@example.com'`);
    await database.query(`UPDATE subscriber SET name = 'Fritzi' WHERE email = 'frida@example.com'`);
    const before = await everybody(database);
    const second = await sandbox.start(env);
    expect(await everybody(database)).toEqual(before);
    expect(second.output).toMatch(/0 new, 3 already known, 4 skipped/);
    await second.stop();
  });
});

describe('The app does not start, says why in a sentence, and ends with exit code 1', () => {
  const sandbox = new Sandbox();
  const cases: [string, Record<string, string> | (() => Promise<Record<string, string>>), RegExp][] = [
    [
      'if there is no file of subscribers',
      async () => ({ SUBSCRIBERS: await sandbox.path('missing.csv') }),
      /The file of subscribers .*missing\.csv does not exist\./,
    ],
    [
      'if the file of subscribers is a folder',
      async () => {
        const SUBSCRIBERS = await sandbox.path('folder.csv');
        await mkdir(SUBSCRIBERS);
        return { SUBSCRIBERS };
      },
      /The file of subscribers .*folder\.csv cannot be read/,
    ],
    [
      'if the file of subscribers has no header',
      async () => ({ SUBSCRIBERS: await sandbox.file('headless.csv', 'ann@example.com,Ann\n') }),
      /headless\.csv: line 1 must be a header that names the columns email and name/,
    ],
    ['if PORT is no number', { PORT: 'http' }, /PORT must be/],
    ['if PORT is too large', { PORT: '65536' }, /PORT must not be more than 65535/],
    [
      'if its port is taken',
      async () => ({ PORT: new URL((await sandbox.mailServer()).url).port }),
      /Port \d+ of 127\.0\.0\.1 is already in use/,
    ],
    [
      'if DATABASE_URL is not one of Postgres',
      { DATABASE_URL: 'mysql://127.0.0.1/x' },
      /DATABASE_URL must begin with postgres:\/\//,
    ],
    [
      'if the database cannot be reached',
      { DATABASE_URL: 'postgres://127.0.0.1:1/x' },
      /The database at DATABASE_URL cannot be used: .*ECONNREFUSED/,
    ],
    [
      'if DATA_DIR cannot be used',
      async () => ({ DATA_DIR: await sandbox.file('a-file', '') }),
      /DATA_DIR .*a-file cannot be used/,
    ],
    [
      'if SMTP_URL is not one of SMTP',
      { SMTP_URL: 'http://127.0.0.1' },
      /SMTP_URL must begin with smtp:\/\//,
    ],
    [
      'if MAIL_FROM is no address',
      { MAIL_FROM: 'newsletter' },
      /MAIL_FROM must be an address such as news@example\.com/,
    ],
    ['if BASE_URL is not absolute', { BASE_URL: '/x' }, /BASE_URL must be an absolute http or https URL/],
    [
      'if the secret is short',
      { REQUEST_TOKEN_SECRET: 'secret' },
      /REQUEST_TOKEN_SECRET must be at least 32 bytes long/,
    ],
  ];
  const ends = new Map<string, NewsletterEnd>();

  // Some at once, which takes half as long.
  beforeAll(async () => {
    const { url } = await sandbox.database();
    const waiting = [...cases];
    const runOneByOne = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [name, env] = next;
        const special = typeof env === 'function' ? await env() : env;
        ends.set(name, await sandbox.run({ DATABASE_URL: url, ...special }));
      }
    };
    await Promise.all(Array.from({ length: 3 }, runOneByOne));
  }, 60_000);
  afterAll(() => sandbox.close());

  it.each(cases)('%s', (name, _, message) => {
    const { code, output } = ends.get(name)!;
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`^Newsletter cannot start: .*${message.source}`, 'm'));
    expect(output).not.toMatch(/\n\s+at /);
  });
});
