import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RequestToken, RequestTokenLog, requestTokenMigrations } from 'nestjs-request-token';
import { simpleParser } from 'mailparser';
import { DataSource } from 'typeorm';
import { CompiledApp } from '../../support/compiled-app.js';
import { createDatabase } from '../../support/database.js';
import { MailServer } from '../../support/mail-server.js';
import { pathOf, SECRET } from '../../support/test-app.js';
import { waitFor } from '../../support/wait-for.js';
import { User } from './worker/user.entity.js';

let recipe: CompiledApp;
beforeAll(async () => {
  recipe = await CompiledApp.of(new URL('./worker/', import.meta.url));
});
const cleanUps: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  await recipe.remove();
});

const BROWSER = { Accept: 'text/html' };

/** A process that runs a file of the recipe. */
function run(file: string, env: Record<string, string>, ...args: string[]) {
  const tether = new URL('../../support/die-with-parent.js', import.meta.url).href;
  const child: ChildProcess = spawn(process.execPath, ['--import', tether, recipe.file(file), ...args], {
    env: { PATH: process.env.PATH, NO_COLOR: '1', PUBLIC_URL: 'https://example.com', ...env },
    stdio: 'pipe',
  });
  const running = { child, output: '', ended: once(child, 'close') };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (running.output += text));
  }
  cleanUps.push(async () => {
    child.kill('SIGKILL');
    await running.ended;
  });
  return running;
}

/** A database with two users, and a server that takes mails. */
async function office() {
  const database = await createDatabase();
  cleanUps.push(() => database.drop());
  const dataSource = await new DataSource({
    type: 'postgres',
    url: database.url,
    entities: [User, RequestToken, RequestTokenLog],
    migrations: requestTokenMigrations,
  }).initialize();
  cleanUps.push(() => dataSource.destroy());
  await dataSource.query(
    'CREATE TABLE app_user (id serial PRIMARY KEY, name text NOT NULL, email text NOT NULL)',
  );
  await dataSource.runMigrations();
  const users = await dataSource.manager.save(User, [
    { name: 'Ann', email: 'ann@example.com' },
    { name: 'Bob', email: 'bob@example.com' },
  ]);
  const mailServer = await MailServer.start();
  cleanUps.push(() => mailServer.close());
  const env = { DATABASE_URL: database.url, REQUEST_TOKEN_SECRET: SECRET, SMTP_URL: mailServer.url };
  return { users, mailServer, env };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts the API, and gives what opens links there, whatever host they name. */
async function serve(file: string, env: Record<string, string>) {
  const port = await freePort();
  const api = run(file, { ...env, PORT: String(port) });
  const open = (link: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${pathOf(link)}`, init);
  await waitFor(
    async () => {
      if (api.child.exitCode !== null) throw new Error(`The API has ended: ${api.output}`);
      return open('http://localhost/').catch(() => undefined);
    },
    () => `the API. It wrote: ${api.output}`,
  );
  return open;
}

/** Runs a worker to its end, and gives the mails that it has sent. */
async function work(mailServer: MailServer, ...[file, env, ...args]: Parameters<typeof run>) {
  const worker = run(file, env, ...args);
  await worker.ended;
  if (worker.child.exitCode !== 0) throw new Error(`The worker has failed: ${worker.output}`);
  const mails = await Promise.all(mailServer.mails.splice(0).map((raw) => simpleParser(raw)));
  return mails.map(({ to, text, headerLines }) => {
    const header = headerLines.find(({ key }) => key === 'list-unsubscribe')?.line.replace(/\r?\n\s+/g, '');
    return {
      to: [to ?? []].flat()[0]?.text,
      link: /<(https:[^<>\s]+)>/.exec(text ?? '')?.[1] ?? '',
      oneClick: /<(https:[^<>]+)>/.exec(header ?? '')?.[1] ?? '',
    };
  });
}

describe('docs/worker.md', () => {
  it('shows the code that is tested here, and no other', async () => {
    const markdown = await readFile(new URL('../../../docs/worker.md', import.meta.url), 'utf8');
    const shown = [...markdown.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code);
    const names = ['newsletter.module.ts', 'main.ts', 'worker.ts', 'other-worker.ts'];
    const tested = names.map((name) => readFile(new URL(`./worker/${name}`, import.meta.url), 'utf8'));
    expect(shown).toEqual(await Promise.all(tested));
  });
});

describe.each(['main.ts', 'main.fastify.ts'])('An API by %s', (main) => {
  let mailServer: MailServer;
  let env: Record<string, string>;
  let ann: User;
  let open: (link: string, init?: RequestInit) => Promise<Response>;
  beforeAll(async () => {
    ({
      mailServer,
      env,
      users: [ann],
    } = await office());
    open = await serve(main, env);
  });

  it('opens the links of a worker that shares its code, by a click and by one-click', async () => {
    const mails = await work(mailServer, 'worker.ts', env);
    expect(mails.map(({ to }) => to)).toEqual(['ann@example.com', 'bob@example.com']);
    for (const [i, name] of ['Ann', 'Bob'].entries()) {
      const { link, oneClick } = mails[i];
      expect(link).toMatch('https://example.com/api/v1/newsletter/unsubscribe?rt=');
      const page = await open(link, { headers: BROWSER });
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('<button>');
      expect(await (await open(link, { method: 'POST' })).text()).toBe(`Good-bye, ${name}.`);
      expect(oneClick).toBe(link);
      const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
      expect(await (await open(oneClick, { method: 'POST', body })).text()).toBe(`Good-bye, ${name}.`);
    }
  });

  it('opens the links of a worker that has nothing of its code', async () => {
    const [{ link, oneClick }] = await work(mailServer, 'other-worker.ts', env, String(ann.id), ann.email);
    expect(oneClick).toBe(link);
    expect(await (await open(link, { method: 'POST' })).text()).toBe('Good-bye, Ann.');
  });
});
