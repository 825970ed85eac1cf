import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { type PostgresServer, startPostgres, startReplica } from '../support/postgres-server.js';
import { waitFor } from '../support/wait-for.js';
import type { DatabaseProxy } from './support/database-proxy.js';
import { Harness } from './support/harness.js';

describe('When a replica takes the place of the primary under load, and new connections lead to it', () => {
  let primary: PostgresServer;
  let replica: PostgresServer;
  let administrators: Record<'primary' | 'replica', Client>;
  let harness: Harness;
  let proxy: DatabaseProxy;
  beforeEach(async () => {
    primary = await startPostgres();
    replica = await startReplica(primary);
    administrators = { primary: await connect(primary), replica: await connect(replica) };
    harness = await Harness.open(primary.url);
    proxy = await harness.proxy();
  });
  afterEach(async () => {
    await harness.close();
    await Promise.all(Object.values(administrators).map((client) => client.end()));
    await Promise.all([primary.destroy(), replica.destroy()]);
  });

  const connect = async ({ url }: PostgresServer) => {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };

  const reconfigure = async (settings: Record<string, string>) => {
    for (const [name, value] of Object.entries(settings)) {
      await administrators.primary.query(`ALTER SYSTEM SET ${name} = '${value}'`);
    }
    await administrators.primary.query('SELECT pg_reload_conf()');
  };

  /** The first value of an answer, once it is not false. */
  const ask = (who: keyof typeof administrators, sql: string, values: unknown[] = []) =>
    waitFor(
      async () => {
        const { rows } = await administrators[who].query<[unknown]>({ text: sql, values, rowMode: 'array' });
        return rows[0]?.[0] || undefined;
      },
      () => `the ${who} to say yes to ${sql}`,
    );

  /** With a pooler on each machine, as the app's connections stay with it. */
  const promote = async () => {
    await ask('replica', 'SELECT pg_promote()');
    await harness.moveTo(replica.url);
    proxy.leadTo(harness.databaseUrl);
  };

  const faults: [string, () => Promise<void>, () => Promise<void>][] = [
    [
      'is made read-only, and keeps the connections that it has',
      () => Promise.resolve(),
      async () => {
        await reconfigure({ default_transaction_read_only: 'on' });
        await ask('primary', "SELECT current_setting('default_transaction_read_only') = 'on'");
        // What was being written by then is written, and has arrived.
        const others = `datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL`;
        await ask('primary', `SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE ${others})`);
        const position = await ask('primary', 'SELECT pg_current_wal_insert_lsn()::text');
        await ask('replica', 'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn', [position]);
      },
    ],
    [
      'stops, with a replica that has all it has committed',
      async () => {
        await reconfigure({ synchronous_standby_names: '*', synchronous_commit: 'remote_apply' });
        await ask('primary', "SELECT true FROM pg_stat_replication WHERE sync_state = 'sync'");
      },
      () => primary.stop(),
    ],
  ];
  it.each(faults)(
    'because that %s, the app goes on by itself, and no use is lost or given out twice',
    async (_, prepare, end) => {
      await prepare();
      const app = await harness.startApp({ databaseUrl: proxy.url, statementTimeout: 2_000 });
      const load = await harness.load(app);
      await load.answered(200, 50);
      await end();
      await load.answered(503, 20, load.visits.length);
      await promote();
      await load.answered(200, 100, load.visits.length);
      const recovered = load.visits.length;
      await load.answered(200, 100, recovered);
      await load.stop();
      expect(load.statuses(recovered)).not.toContain(503);
      expect([200, 403, 500, 503]).toEqual(expect.arrayContaining([...load.statuses()]));
      await harness.settled();
      expect(await harness.violations()).toEqual([]);
    },
  );
});
