import pg from 'pg';
import type { DataSourceOptions } from 'typeorm';
import { StartupError } from '../config/startup-error.js';
import { AppDatabase, type Unlock } from './app-database.js';

/** Keeps this app's advisory locks apart from those of others on the same database. */
const LOCK_NAMESPACE = 0x6e6c7474;

/** A Postgres server. A lock is an advisory lock on a connection of its own, so that it ends with the process. */
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
    const client = await this.connect();
    try {
      await client.query('SELECT pg_advisory_lock($1, hashtext($2))', [LOCK_NAMESPACE, name]);
      return await work();
    } finally {
      await client.end();
    }
  }

  async tryLock(name: string): Promise<Unlock | undefined> {
    const client = await this.connect();
    try {
      const { rows } = await client.query<{ locked: boolean }>(
        'SELECT pg_try_advisory_lock($1, hashtext($2)) AS locked',
        [LOCK_NAMESPACE, name],
      );
      if (rows[0].locked) return () => client.end();
    } catch (error) {
      await client.end();
      throw error;
    }
    await client.end();
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
