import { setTimeout as sleep } from 'node:timers/promises';
import {
  RequestToken,
  RequestTokenLog,
  RequestTokenRevocation,
  RequestTokenStatistic,
  requestTokenMigrations,
} from 'nestjs-request-token';
import { DataSource } from 'typeorm';
import type { SubjectName } from './subjects/subject.js';

/** Longer than this, nothing is being settled any more. */
const SETTLING_DEADLINE_MS = 30_000;

/** A subject's database: each has its own, so that none leaves work to another. */
export class SubjectDatabase {
  private constructor(
    readonly url: string,
    private readonly dataSource: DataSource,
  ) {}

  static async create(serverUrl: string, subject: SubjectName): Promise<SubjectDatabase> {
    const name = subject.replaceAll('-', '_');
    const server = await connect(serverUrl);
    await server.query(`CREATE DATABASE ${name}`).finally(() => server.destroy());
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    const dataSource = await connect(url.href);
    await dataSource.runMigrations();
    for (const table of ['request_token', 'request_token_log']) {
      // It would come at random moments, for one subject or the other; `analyze` does what it would do.
      await dataSource.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`);
    }
    if (subject === 'hand-written') await dropCheck(dataSource);
    return new SubjectDatabase(url.href, dataSource);
  }

  async empty(): Promise<void> {
    await this.dataSource.query('TRUNCATE request_token, request_token_log');
  }

  /** Leaves nothing to do for the run that follows. */
  async settleDown(): Promise<void> {
    await this.dataSource.query('ANALYZE');
    await this.dataSource.query('CHECKPOINT');
  }

  /**
   * Waits until that many uses are settled.
   *
   * @throws Error if it does not come to exactly that: each counted, each logged as used with status 200
   */
  async allUsed(amount: number): Promise<void> {
    const deadline = Date.now() + SETTLING_DEADLINE_MS;
    for (;;) {
      const [found] = await this.dataSource.query<Record<string, number>[]>(USES);
      if (found.pending > 0 && Date.now() < deadline) {
        await sleep(5);
        continue;
      }
      const { pending, used, logged, counted } = found;
      if (used === amount && logged === amount && counted === amount) return;
      throw new Error(
        `Of ${amount} uses, ${counted} are counted and ${logged} logged: ${used} as used, ${pending} as pending.`,
      );
    }
  }

  close(): Promise<void> {
    return this.dataSource.destroy();
  }
}

const USES = `
  SELECT count(*)::int AS logged,
    count(*) FILTER (WHERE outcome = 'pending')::int AS pending,
    count(*) FILTER (WHERE outcome = 'used' AND status_code = 200)::int AS used,
    (SELECT sum(use_count)::int FROM request_token) AS counted
  FROM request_token_log`;

function connect(url: string): Promise<DataSource> {
  return new DataSource({
    type: 'postgres',
    url,
    entities: [RequestToken, RequestTokenLog, RequestTokenRevocation, RequestTokenStatistic],
    migrations: requestTokenMigrations,
    poolSize: 1,
  }).initialize();
}

/** Who counts with findOne and increment has not thought of it; with it, losers of a race would get 500. */
async function dropCheck(dataSource: DataSource): Promise<void> {
  const [{ conname }] = await dataSource.query<{ conname: string }[]>(
    "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = 'request_token'::regclass",
  );
  await dataSource.query(`ALTER TABLE request_token DROP CONSTRAINT "${conname}"`);
}
