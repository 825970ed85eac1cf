import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { startPostgres, type PostgresServer, startReplica } from './postgres-server.js';
import { waitFor } from './wait-for.js';

const keeperFile = fileURLToPath(new URL('./postgres-keeper.js', import.meta.url));

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function postmasterOf(folder: string): number {
  return parseInt(readFileSync(`${folder}/data/postmaster.pid`, 'utf8'));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** What the keeper answers to `start`, through the output of the process that spawned it. */
async function answerFrom(output: Readable): Promise<{ url: string; folder: string }> {
  const [line] = (await once(createInterface({ input: output }), 'line')) as [string];
  return JSON.parse(line) as { url: string; folder: string };
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe('startPostgres', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.destroy());

  it('keeps address and data while stopped', async () => {
    await query(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await server.stop();
    await expect(query(server.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await server.start();
    await expect(query(server.url, 'SELECT answer FROM kept')).resolves.toEqual([{ answer: 42 }]);
  });

  it('leaves nothing behind when destroyed', async () => {
    const another = await startPostgres();
    const postmaster = postmasterOf(another.folder);
    expect(isRunning(postmaster)).toBe(true);
    await another.destroy();
    expect(isRunning(postmaster)).toBe(false);
    expect(existsSync(another.folder)).toBe(false);
  });

  it('leaves nothing behind when the process that started it is killed', async () => {
    const script = `
      const { spawn } = require('node:child_process');
      const stdio = ['pipe', 'inherit', 'inherit'];
      const keeper = spawn(process.execPath, [process.argv[1]], { detached: true, stdio });
      keeper.stdin.write('start\\n');`;
    const starter = spawn(process.execPath, ['-e', script, keeperFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { folder } = await answerFrom(starter.stdout);
    const postmaster = postmasterOf(folder);
    await kill(starter);
    await waitFor(
      () => !existsSync(folder) || undefined,
      () => `the end of ${folder}`,
    );
    expect(isRunning(postmaster)).toBe(false);
  });

  it('removes what a killed keeper has left, and nothing that is in use', async () => {
    const keeper = spawn(process.execPath, [keeperFile], { stdio: ['pipe', 'pipe', 'inherit'] });
    keeper.stdin.write('start\n');
    const { url, folder } = await answerFrom(keeper.stdout);
    await kill(keeper);

    const next = await startPostgres();
    await next.destroy();
    expect(existsSync(folder)).toBe(false);
    // Its process id proves nothing here: until something reaps an orphan, it exists.
    await expect(query(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await expect(query(server.url, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  });
});

describe('startReplica', () => {
  it('makes a replica that follows its primary, and can take its place', async () => {
    const primary = await startPostgres();
    const replica = await startReplica(primary);
    try {
      await query(primary.url, 'CREATE TABLE copied AS SELECT 42 AS answer');
      await waitFor(
        () => query(replica.url, 'SELECT answer FROM copied').catch(() => undefined),
        () => 'the replica to have the table',
      );
      await expect(query(replica.url, 'DELETE FROM copied')).rejects.toThrow('read-only transaction');
      await query(replica.url, 'SELECT pg_promote()');
      await expect(query(replica.url, 'DELETE FROM copied RETURNING answer')).resolves.toEqual([
        { answer: 42 },
      ]);
    } finally {
      await Promise.all([primary.destroy(), replica.destroy()]);
    }
  });
});
