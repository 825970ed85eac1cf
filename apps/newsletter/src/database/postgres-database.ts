import pg from 'pg';
import type { DataSourceOptions } from 'typeorm';
import { StartupError } from '../config/startup-error.js';
import { AppDatabase, type Unlock } from './app-database.js';

/** Keeps this app's advisory locks apart from those of others on the same database. */
const LOCK_NAMESPACE = 0x6e6c7474;

/**
 * A transaction that may do nothing for as long as it likes: it keeps no old rows from being vacuumed, and no time
 * limit of the role ends it.
 */
const BEGIN = `
  BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY;
  SET LOCAL statement_timeout = 0;
  SET LOCAL lock_timeout = 0;
  SET LOCAL idle_in_transaction_session_timeout = 0`;

/**
 * A Postgres server. A lock is an advisory lock of a transaction, on a connection of its own, so that it ends with the
 * process. A lock of the session would not do behind a pooler (PgBouncer in transaction mode, say): there it stays on
 * the pooler's connection, which others get next.
 */
export class PostgresDatabase extends AppDatabase {
  readonly options: DataSourceOptions;

  private constructor(private readonly url: string) {
    super();
    this.options = { type: 'postgres', url, connectTimeoutMS: 10_000, installExtensions: false };
  }

  static async open(url: string): Promise<PostgresDatabase> {
    const database = new PostgresDatabase(url);
    try {
      await (await database.connect()).end();
    } catch (error) {
      throw new StartupError(`The database at DATABASE_URL cannot be used: ${reasonOf(error)}.`);
    }
    return database;
  }

  async exclusively<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const { client, unlock } = await this.begin();
    try {
      await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK_NAMESPACE, name]);
      return await work();
    } finally {
      await unlock();
    }
  }

  async tryLock(name: string): Promise<Unlock | undefined> {
    const { client, unlock } = await this.begin();
    try {
      const { rows } = await client.query<{ locked: boolean }>(
        'SELECT pg_try_advisory_xact_lock($1, hashtext($2)) AS locked',
        [LOCK_NAMESPACE, name],
      );
      if (rows[0].locked) return unlock;
    } catch (error) {
      await unlock();
      throw error;
    }
    await unlock();
    return undefined;
  }

  async isLocked(name: string): Promise<boolean> {
    const client = await this.connect();
    try {
      // Asks without trying to lock, so that looking never gets in the way of somebody who wants the lock.
      const { rows } = await client.query<{ locked: boolean }>(
        `SELECT EXISTS (
           SELECT FROM pg_locks
           WHERE locktype = 'advisory' AND granted AND objsubid = 2
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND classid = $1::int::oid AND objid = hashtext($2)::bit(32)::bigint::oid
         ) AS locked`,
        [LOCK_NAMESPACE, name],
      );
      return rows[0].locked;
    } finally {
      await client.end();
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async begin(): Promise<{ client: pg.Client; unlock: Unlock }> {
    const client = await this.connect();
    const unlock = async () => {
      // Fails if the connection is lost, and with it the lock.
      await client.query('ROLLBACK').catch(() => undefined);
      await client.end();
    };
    try {
      await client.query(BEGIN);
      return { client, unlock };
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url, connectionTimeoutMillis: 10_000 });
    // A lost connection loses its lock. What the lock guards is also guarded row by row, so work can go on.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}

/** A refused connection to `localhost` is an AggregateError without a message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
