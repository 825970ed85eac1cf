import { Keeper } from './postgres-server.js';

export interface PgBouncer {
  /** Of the database, by way of the pooler. */
  readonly url: string;
  destroy(): Promise<void>;
}

/** Starts the machine's PgBouncer (Debian: `apt-get install pgbouncer`) in transaction mode, in front of a server. */
export async function startPgBouncer(databaseUrl: string): Promise<PgBouncer> {
  const keeper = new Keeper<'start', { url: string }>('./pgbouncer-keeper.js', [databaseUrl], 'PgBouncer');
  try {
    const { url } = await keeper.ask('start');
    return { url, destroy: () => keeper.destroy() };
  } catch (error) {
    await keeper.destroy().catch(() => undefined); // The first error says more.
    throw error;
  }
}
