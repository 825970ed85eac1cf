import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PREFIX = 'request-token-compat-';

const library = fileURLToPath(new URL('../../libs/request-token', import.meta.url));

/** A temporary folder with the library as `npm pack` makes it. */
export async function makeWorkplace(): Promise<{ folder: string; tarball: string }> {
  await sweep();
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  try {
    const run = promisify(execFile);
    await run('npm', ['pack', '--loglevel=error', '--pack-destination', folder], { cwd: library });
    const [tarball] = await readdir(folder);
    return { folder, tarball: join(folder, tarball) };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    // The compiler complains on stdout.
    throw new Error(`npm pack failed: ${(error as { stdout?: string }).stdout}`, { cause: error });
  }
}

/** Removes what a run left behind that was killed. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
