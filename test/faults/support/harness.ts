import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RequestTokenLog, type TokenService } from 'nestjs-request-token';
import type { PoolConfig } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { SECRET, TestApp } from '../../support/test-app.js';
import { type PgBouncer, startPgBouncer } from '../../support/pgbouncer.js';
import { waitFor } from '../../support/wait-for.js';
import { AppProcess } from './app-process.js';
import { Audit } from './audit.js';
import { DatabaseProxy } from './database-proxy.js';
import { issueLink, type Link, LinkPool } from './links.js';
import { Load } from './load.js';

/** What stands between the apps and the database in this run. */
export const POOLER = process.env.FAULTS_POOLER;
if (POOLER && POOLER !== 'pgbouncer') throw new Error(`FAULTS_POOLER is ${POOLER}; it can be pgbouncer`);

/**
 * Processes of the app on one database, the load on them, and the books that are audited afterwards. All of it
 * is gone after `close`, which therefore belongs into `afterAll`.
 */
export class Harness {
  private readonly audit: Audit;
  private readonly apps: AppProcess[] = [];
  private readonly loads: Load[] = [];
  private readonly holders: QueryRunner[] = [];
  private readonly proxies: DatabaseProxy[] = [];

  private constructor(
    private readonly office: TestApp,
    private readonly pooler: PgBouncer | undefined,
    private readonly folder: string,
    private readonly record: string,
  ) {
    this.audit = new Audit(office.dataSource, record);
  }

  /** On a database of its own, or an existing one, which is then left alone. */
  static async open(databaseUrl?: string): Promise<Harness> {
    const office = await TestApp.start({ databaseUrl });
    const { url } = office.dataSource.options as { url: string };
    const pooler = POOLER ? await startPgBouncer(url) : undefined;
    const folder = await mkdtemp(join(tmpdir(), 'request-token-faults-'));
    const record = join(folder, 'runs.jsonl');
    await writeFile(record, '');
    return new Harness(office, pooler, folder, record);
  }

  /** Of a process that no fault befalls. */
  get tokens(): TokenService {
    return this.office.tokens;
  }

  get dataSource(): DataSource {
    return this.office.dataSource;
  }

  /** As the apps are given it. */
  get databaseUrl(): string {
    return this.pooler?.url ?? (this.dataSource.options as { url: string }).url;
  }

  /** What goes by it, apps have to be told: `connectionString` is its URL. */
  async proxy(): Promise<DatabaseProxy> {
    const proxy = await DatabaseProxy.start(this.databaseUrl);
    this.proxies.push(proxy);
    return proxy;
  }

  /** Starts the app, with these options of its pool, and waits until it listens. */
  async startApp(pool: PoolConfig = {}): Promise<AppProcess> {
    const app = AppProcess.spawn({
      DATABASE_URL: this.databaseUrl,
      POOL_OPTIONS: JSON.stringify(pool),
      REQUEST_TOKEN_SECRET: SECRET,
      RUN_RECORD: this.record,
    });
    this.apps.push(app);
    await app.ready();
    return app;
  }

  /** Puts the apps under load. */
  async load(...apps: AppProcess[]): Promise<Load> {
    const load = new Load(apps, await LinkPool.issue(this.tokens));
    this.loads.push(load);
    return load;
  }

  issue(maxUses: number | null = 1): Promise<Link> {
    return issueLink(this.tokens, { maxUses });
  }

  issueMany(count: number): Promise<Link[]> {
    return Promise.all(Array.from({ length: count }, () => this.issue()));
  }

  /** A transaction of somebody else, that has executed the statement and goes on until it is rolled back. */
  async hold(sql: string, parameters: unknown[] = []): Promise<{ release: () => Promise<void> }> {
    const holder = this.dataSource.createQueryRunner();
    this.holders.push(holder);
    await holder.startTransaction();
    await holder.query(sql, parameters);
    return {
      release: async () => {
        await holder.rollbackTransaction();
        await holder.release();
      },
    };
  }

  violations(): Promise<string[]> {
    return this.audit.violations();
  }

  /** How many handlers have begun with the token. */
  async runsWith({ tokenId }: Link): Promise<number> {
    const runs = await this.audit.runs();
    return runs.filter((run) => run.tokenId === tokenId && run.event === 'began').length;
  }

  async useCount({ tokenId }: Link): Promise<number> {
    return (await this.office.row(tokenId)).useCount;
  }

  logs({ tokenId }: Link): Promise<RequestTokenLog[]> {
    return this.office.logs(tokenId);
  }

  /** How the log says that visits ended, by the visit. */
  async outcomes(): Promise<Map<string, { outcome: string; statusCode: number | null }>> {
    const rows = await this.dataSource.manager.find(RequestTokenLog);
    return new Map(rows.map(({ userAgent, outcome, statusCode }) => [userAgent!, { outcome, statusCode }]));
  }

  /** Visits whose use is claimed and not settled. */
  async pendingVisits(): Promise<string[]> {
    const rows = await this.dataSource.query<{ visitId: string }[]>(
      `SELECT user_agent AS "visitId" FROM request_token_log WHERE outcome = 'pending'`,
    );
    return rows.map(({ visitId }) => visitId);
  }

  /** Waits until no use is pending. */
  async settled(): Promise<void> {
    let pending: string[] = [];
    await waitFor(
      async () => {
        pending = await this.pendingVisits();
        return pending.length === 0 || undefined;
      },
      () => `${pending.length} uses to be settled. The apps wrote: ${this.outputs}`,
    );
  }

  /** Waits until that many uses of the token are claimed. */
  async claimed(link: Link, count = 1): Promise<void> {
    await waitFor(
      async () => (await this.useCount(link)) >= count || undefined,
      () => `${count} uses to be claimed. The apps wrote: ${this.outputs}`,
    );
  }

  /** The apps first: with them, all that still waits for an answer comes to its end. */
  async close(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.kill()));
    await Promise.all(this.loads.map((load) => load.stop()));
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
    await this.pooler?.destroy();
    await Promise.all(this.holders.map((holder) => holder.release()));
    await this.office.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private get outputs(): string {
    return this.apps.map(({ output }) => output.slice(-2_000)).join('\n');
  }
}
