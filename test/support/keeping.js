// What the processes have in common that keep a server on behalf of the process that spawned them (see postgres-server.ts).
//
// Plain JavaScript, because node runs it directly.
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import process from 'node:process';
import { createInterface } from 'node:readline';

const isRoot = process.getuid() === 0;

/** Whom servers that refuse to run as root run as. */
export const account = isRoot ? unprivilegedAccount() : {};

/** Of temporary folders. Root's TMPDIR may be one that only root can enter, and a socket's path has at most 103 characters. */
export const parent = isRoot || tmpdir().length > 55 ? '/tmp' : tmpdir();

function unprivilegedAccount() {
  const id = (option, name) =>
    Number(execFileSync('id', [option, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
  for (const name of ['postgres', '_postgres', 'nobody']) {
    try {
      return { uid: id('-u', name), gid: id('-g', name) };
    } catch {
      // No such account here.
    }
  }
  throw new Error(
    'The server does not run as root, and there is no account "postgres" or "nobody" to run it as.',
  );
}

export function giveAway(path) {
  if (isRoot) chownSync(path, account.uid, account.gid);
}

export function remove(path) {
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** One below those that systems hand out by themselves, so that nobody is given it while the server is stopped. */
export async function freePort() {
  for (let attempt = 1; ; attempt++) {
    const candidate = randomInt(15_000, 30_000);
    const server = createServer().listen(candidate, '127.0.0.1');
    try {
      await once(server, 'listening');
      server.close();
      await once(server, 'close');
      return candidate;
    } catch (error) {
      if (attempt === 100) throw error;
    }
  }
}

/**
 * Takes one command per line from stdin, and answers each with one line of JSON on stdout. When stdin ends, and it
 * does however the process at its other end dies, it cleans up and exits.
 */
export async function keep(commands, cleanUp) {
  const lines = createInterface({ input: process.stdin });
  process.stdin.on('error', () => lines.close());
  process.stdout.on('error', () => {}); // Nobody is left to read the answer; stdin ends as well.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => lines.close());
  try {
    for await (const command of lines) {
      const answer = await commands[command]().catch((error) => ({ error: error.message }));
      process.stdout.write(`${JSON.stringify(answer)}\n`);
    }
  } finally {
    await cleanUp();
  }
  process.exit();
}
