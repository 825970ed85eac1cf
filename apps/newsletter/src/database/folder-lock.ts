import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import lockfile from 'proper-lockfile';
import { StartupError } from '../config/startup-error.js';

const TOUCHED_EVERY_MS = 1000;
/** Longer than the start of the embedded database blocks the process, so that it is not taken for dead. */
const STALE_AFTER_MS = 4000;
const TRIED_EVERY_MS = 250;

/**
 * Keeps a folder for this process, because two processes would corrupt the database in it. A living holder
 * touches its lock every second; one that was killed cannot, and its lock goes stale.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const lockfilePath = `${folder}.lock`;
  const firstTouched = await touched(lockfilePath);
  const deadline = Date.now() + STALE_AFTER_MS + TOUCHED_EVERY_MS;
  for (;;) {
    try {
      return await lockfile.lock(folder, {
        lockfilePath,
        stale: STALE_AFTER_MS,
        update: TOUCHED_EVERY_MS,
        onCompromised: stopAtOnce,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
      const alive = (await touched(lockfilePath)) !== firstTouched;
      if (alive || Date.now() > deadline) {
        throw new StartupError(
          `${folder} is in use by another process: end that one first, or set DATA_DIR to another folder.`,
        );
      }
    }
    await sleep(TRIED_EVERY_MS);
  }
}

async function touched(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return undefined;
  }
}

/** Somebody else has the folder now, so that every further write of this process would do damage. */
function stopAtOnce(error: Error): void {
  new Logger('Database').error(`The lock of the database folder was lost: ${error.message}`);
  process.exit(1);
}
