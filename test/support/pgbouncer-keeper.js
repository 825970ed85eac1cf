// Owns one PgBouncer on behalf of the process that spawned it (see pgbouncer.ts), in front of the database at the URL
// that is its argument; its command is `start`.
//
// Plain JavaScript, because node runs it directly.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { URL } from 'node:url';
import { account, freePort, giveAway, keep, parent, remove } from './keeping.js';

const database = new URL(process.argv[2]);
const folder = mkdtempSync(join(parent, 'request-token-pgbouncer-'));
giveAway(folder);
let pgbouncer;

const commands = {
  async start() {
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      try {
        await launch(port);
        const url = new URL(database);
        url.port = port;
        return { url: url.href };
      } catch (error) {
        // Somebody took the port just before we did.
        if (attempt === 5 || !error.message.includes('ddress already in use')) throw error;
      }
    }
  },
};

/** As an administrator would write it, but for what is said of each line. */
function configuration(port) {
  const { hostname, port: itsPort, username, password } = database;
  return `
    [databases]
    * = host=${hostname} port=${itsPort || 5432} user=${username} password=${password}
    [pgbouncer]
    listen_addr = 127.0.0.1
    listen_port = ${port}
    pool_mode = transaction
    ; Fewer than clients, so that connections really change hands.
    default_pool_size = 8
    max_client_conn = 200
    ; It listens on this machine only, for the time of a test.
    auth_type = any
    unix_socket_dir =
    ; Asks again at once for a server that was away, instead of after 15 seconds.
    server_login_retry = 0.1
    ignore_startup_parameters = extra_float_digits
    log_connections = 0
    log_disconnections = 0
  `.replaceAll(/^ +/gm, '');
}

function launch(port) {
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(file, configuration(port), { mode: 0o600 });
  giveAway(file);
  return new Promise((resolve, reject) => {
    // Debian has it where only root looks.
    const env = { PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin`, LC_ALL: 'C' };
    pgbouncer = spawn('pgbouncer', [file], {
      ...account,
      env,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    pgbouncer.once('error', (error) => reject(error));
    pgbouncer.once('close', (code, signal) =>
      reject(new Error(`PgBouncer ended (${signal ?? `exit code ${code}`}). Its log:\n${log}`)),
    );
    pgbouncer.stderr.setEncoding('utf8').on('data', (chunk) => {
      log = (log + chunk).slice(-10_000);
      if (log.includes('process up')) resolve();
    });
  });
}

await keep(commands, async () => {
  // Undefined if there is no such program.
  if (pgbouncer?.pid !== undefined && pgbouncer.exitCode === null && pgbouncer.signalCode === null) {
    const closed = once(pgbouncer, 'close');
    pgbouncer.kill('SIGKILL'); // It has nothing to save.
    await closed;
  }
  remove(folder);
});
