import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { createDatabase } from './database.js';
import { MailServer } from './mail-server.js';
import { Newsletter, type NewsletterEnd } from './newsletter.js';

/** What signs the tokens of every app in a sandbox, so that several on one database are one app. */
export const APP_SECRET = 'a secret of the newsletter app that has more than 32 bytes';

/** A database of a spec's own, and a connection to look into it. */
export interface SandboxDatabase {
  readonly url: string;
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  /** Another connection, for a transaction. It is closed with the sandbox. */
  connect(): Promise<Client>;
}

/**
 * Where a spec runs the built app: its files, databases and processes. All of it is gone after `close`, which
 * therefore belongs into `afterAll`.
 */
export class Sandbox {
  private folder?: Promise<string>;
  private dataDir?: Promise<string>;
  private files = 0;
  private readonly leftovers: (() => Promise<unknown>)[] = [];

  /** The path of a new file or folder, which does not exist yet. */
  async path(name: string): Promise<string> {
    this.folder ??= mkdtemp(join(tmpdir(), 'newsletter-test-'));
    return join(await this.folder, `${(this.files += 1)}-${name}`);
  }

  async file(name: string, content: string): Promise<string> {
    const path = await this.path(name);
    await writeFile(path, content);
    return path;
  }

  /** A CSV file of that many subscribers: reader1@example.com and so on. */
  subscribers(count: number): Promise<string> {
    const lines = Array.from({ length: count }, (_, i) => `reader${i + 1}@example.com,Reader ${i + 1}`);
    return this.file('subscribers.csv', ['email,name', ...lines, ''].join('\n'));
  }

  async database(): Promise<SandboxDatabase> {
    const database = await createDatabase();
    this.leftovers.push(() => database.drop());
    const connect = async () => {
      const client = new Client({ connectionString: database.url });
      this.leftovers.push(() => client.end());
      await client.connect();
      return client;
    };
    const client = await connect();
    return {
      url: database.url,
      query: async <Row>(sql: string, parameters?: unknown[]) =>
        (await client.query(sql, parameters)).rows as Row[],
      connect,
    };
  }

  async mailServer(): Promise<MailServer> {
    const server = await MailServer.start();
    this.leftovers.push(() => server.close());
    return server;
  }

  /** Starts the app and waits until it is ready. */
  async start(env: Record<string, string>): Promise<Newsletter> {
    const newsletter = await this.spawn(env);
    await newsletter.ready();
    return newsletter;
  }

  /** Starts an app that is expected to end by itself. */
  async run(env: Record<string, string>): Promise<NewsletterEnd> {
    return (await this.spawn(env)).end();
  }

  /** The latest first: processes end before the database goes, and everything before the folder. */
  async close(): Promise<void> {
    const problems: unknown[] = [];
    for (const remove of this.leftovers.splice(0).reverse()) {
      await remove().catch((error: unknown) => problems.push(error));
    }
    if (this.folder) await rm(await this.folder, { recursive: true, force: true });
    if (problems.length > 0) throw problems[0];
  }

  private async spawn(env: Record<string, string>): Promise<Newsletter> {
    const newsletter = Newsletter.spawn({
      REQUEST_TOKEN_SECRET: APP_SECRET,
      DATA_DIR: await (this.dataDir ??= this.path('data')),
      ...env,
    });
    this.leftovers.push(() => newsletter.kill());
    return newsletter;
  }
}
