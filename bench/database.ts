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

  /** How many uses are settled. */
  async uses(): Promise<number> {
    const [{ used }] = await this.dataSource.query<{ used: number }[]>(
      `SELECT coalesce(sum(use_count), 0)::int AS used FROM request_token WHERE user_id NOT LIKE 'old%'`,
    );
    return used;
  }

  /** @throws Error if the uses that are counted are not so many */
  async usesReach(count: number): Promise<void> {
    const used = await this.uses();
    if (used !== count) throw new Error(`${used} uses are counted, and not ${count}`);
  }

  /** Tokens and attempts of the last year, whose ids tell when they were made. */
  async fill(tokens: number, logs: number): Promise<void> {
    const id = (n: string, count: number, mark: number) =>
      `(lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 31536000000 + ${n} * 31536000000 / ${count}), 12, '0')
        || '7' || lpad(to_hex(${n} % 4096), 3, '0') || '${mark}' || lpad(to_hex(${n}), 15, '0'))::uuid`;
    await this.dataSource.transaction(async (manager) => {
      await manager.query(
        `INSERT INTO request_token (id, scope, user_id, login_mode, issued_at, expires_at, max_uses, use_count)
         SELECT ${id('n', tokens, 8)}, 'old', 'old' || n, 'request', now(), now(), 1, 1
         FROM generate_series(1, ${tokens}::bigint) AS n`,
      );
      // Each row has its token; to look all of them up would take longer than the bench.
      await manager.query('SET LOCAL session_replication_role = replica');
      await manager.query(
        `INSERT INTO request_token_log (id, token_id, user_id, client_ip, user_agent, method, path, status_code,
           outcome, started_at, duration_ms)
         SELECT ${id('n', logs, 9)}, ${id(`(n % ${tokens} + 1)`, tokens, 8)}, 'old', '192.0.2.1',
           'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0', 'GET', '/redeem', 200,
           'used', now(), 5
         FROM generate_series(1, ${logs}::bigint) AS n`,
      );
    });
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
