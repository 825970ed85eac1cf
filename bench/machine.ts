import { statfs } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { Client } from 'pg';
import type { PostgresServer } from '../test/support/postgres-server.js';

/** Where figures come from; without it they say nothing. */
export interface Machine {
  date: string;
  cpu: string;
  cores: number;
  memoryGigabytes: number;
  os: string;
  node: string;
  postgres: string;
  fsync: string;
  synchronousCommit: string;
  /** Where Postgres has its data. In memory, a commit costs nothing. */
  data: 'disk' | 'memory';
}

/** Of Linux: see statfs(2). Elsewhere temporary folders are on a disk. */
const TMPFS_MAGIC = 0x01021994;

export async function inspectMachine({ url, folder }: PostgresServer): Promise<Machine> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const show = async (setting: string) =>
    (await client.query<Record<string, string>>(`SHOW ${setting}`)).rows[0][setting];
  try {
    return {
      date: new Date().toISOString(),
      cpu: cpus()[0].model.trim(),
      cores: availableParallelism(),
      memoryGigabytes: Math.round(totalmem() / 2 ** 30),
      os: `${type()} ${release()}`,
      node: process.version,
      postgres: await show('server_version'),
      fsync: await show('fsync'),
      synchronousCommit: await show('synchronous_commit'),
      data: (await statfs(folder)).type === TMPFS_MAGIC ? 'memory' : 'disk',
    };
  } finally {
    await client.end();
  }
}
