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

export interface AppOptions {
  /** What the app takes for the database. Default: the database, or the pooler in front of it. */
  databaseUrl?: string;
  /** Of a replica, for TypeORM's `replication`. Default: none. */
  replicaUrl?: string;
  /** As they are to pg itself. */
  pool?: PoolConfig;
  /** Milliseconds. Default: that of the library. */
  statementTimeout?: number;
}

/** What stands between the apps and the database in this run. */
export const POOLER = process.env.FAULTS_POOLER;
if (POOLER && POOLER !== 'pgbouncer') throw new Error(`FAULTS_POOLER is ${POOLER}; it can be pgbouncer`);

/**
 * Processes of the app on one database, the load on them, and the books that are audited afterwards. All of it
 * is gone after `close`, which therefore belongs into `afterAll`.
 */
export class Harness {
  private readonly apps: AppProcess[] = [];
  private readonly loads: Load[] = [];
  private readonly holders: QueryRunner[] = [];
  private readonly proxies: DatabaseProxy[] = [];
  private readonly poolers: PgBouncer[] = [];

  private constructor(
    private office: TestApp,
    private appDatabaseUrl: string,
    private readonly folder: string,
    private readonly record: string,
  ) {}

  /** On a database of its own, or an existing one, which is then left alone. */
  static async open(databaseUrl?: string): Promise<Harness> {
    const office = await openOffice(databaseUrl);
    const folder = await mkdtemp(join(tmpdir(), 'request-token-faults-'));
    const record = join(folder, 'runs.jsonl');
    await writeFile(record, '');
    const harness = new Harness(office, '', folder, record);
    harness.appDatabaseUrl = await harness.pooled(harness.directUrl);
    return harness;
  }

  /** Goes on with another server, which has all that was in the database. */
  async moveTo(databaseUrl: string): Promise<void> {
    await this.office.close();
    this.office = await openOffice(databaseUrl);
    this.appDatabaseUrl = await this.pooled(databaseUrl);
  }

  /** The URL by which apps reach a server in this run: by way of a pooler of its own, if there are any. */
  async pooled(databaseUrl: string): Promise<string> {
    if (!POOLER) return databaseUrl;
    const pooler = await startPgBouncer(databaseUrl);
    this.poolers.push(pooler);
    return pooler.url;
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
    return this.appDatabaseUrl;
  }

  /** Past every pooler. */
  get directUrl(): string {
    return (this.dataSource.options as { url: string }).url;
  }

  /** For apps that are told to take it for the database. */
  async proxy(): Promise<DatabaseProxy> {
    const proxy = await DatabaseProxy.start(this.databaseUrl);
    this.proxies.push(proxy);
    return proxy;
  }

  /** Starts the app, and waits until it listens. */
  async startApp({
    databaseUrl = this.databaseUrl,
    replicaUrl = '',
    pool = {},
    statementTimeout,
  }: AppOptions = {}): Promise<AppProcess> {
    const app = AppProcess.spawn({
      DATABASE_URL: databaseUrl,
      REPLICA_URL: replicaUrl,
      POOL_OPTIONS: JSON.stringify(pool),
      ...(statementTimeout && { STATEMENT_TIMEOUT: `${statementTimeout}ms` }),
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

  /** Changes a setting of the database, for connections that are opened from now on. */
  async set(name: string, value: string): Promise<void> {
    const [{ statement }] = await this.dataSource.query<{ statement: string }[]>(
      `SELECT format('ALTER DATABASE %I SET %I = %L', current_database(), $1::text, $2::text) AS statement`,
      [name, value],
    );
    await this.dataSource.query(statement);
  }

  issue(maxUses: number | null = 1): Promise<Link> {
    return issueLink(this.tokens, { maxUses });
  }

  issueMany(count: number): Promise<Link[]> {
    return Promise.all(Array.from({ length: count }, () => this.issue()));
  }

  /** A transaction of somebody else, that has executed the statement and goes on until it is ended. */
  async hold(
    sql: string,
    parameters: unknown[] = [],
  ): Promise<{ release: () => Promise<void>; commit: () => Promise<void> }> {
    const holder = this.dataSource.createQueryRunner();
    this.holders.push(holder);
    await holder.startTransaction();
    await holder.query(sql, parameters);
    return {
      release: async () => {
        await holder.rollbackTransaction();
        await holder.release();
      },
      commit: async () => {
        await holder.commitTransaction();
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

  /** Visits whose use is taken and not settled. */
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

  /** Waits until that many uses of the token are taken. */
  async taken(link: Link, count = 1): Promise<void> {
    await waitFor(
      async () => (await this.useCount(link)) >= count || undefined,
      () => `${count} uses to be taken. The apps wrote: ${this.outputs}`,
    );
  }

  /** The apps first: with them, all that still waits for an answer comes to its end. */
  async close(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.kill()));
    await Promise.all(this.loads.map((load) => load.stop()));
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
    await Promise.all(this.poolers.map((pooler) => pooler.destroy()));
    await Promise.all(this.holders.map((holder) => holder.release()));
    await this.office.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private get audit(): Audit {
    return new Audit(this.dataSource, this.record);
  }

  private get outputs(): string {
    return this.apps.map(({ output }) => output.slice(-2_000)).join('\n');
  }
}

/** Its connections have no limit in time, whatever a test sets for those of the apps. */
const openOffice = (databaseUrl?: string) =>
  TestApp.start({
    databaseUrl,
    dataSource: { extra: { options: '-c idle_session_timeout=0 -c statement_timeout=0' } },
  });
