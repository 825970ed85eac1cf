import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from './startup-error.js';

const UNUSABLE_FOLDER = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOSPC']);

/** A clear message for what is wrong with the folder; anything else is returned as it is. */
export function explainDataDirError(error: unknown, dataDir: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!code || !UNUSABLE_FOLDER.has(code)) return error;
  return new StartupError(`DATA_DIR ${dataDir} cannot be used: ${message}.`);
}

/**
 * The text of a secret file in DATA_DIR, which is made at the first start and outlives the process. Nobody but
 * its owner can read it.
 */
export async function keptSecret(
  dataDir: string,
  name: string,
  make: () => string | Promise<string>,
): Promise<string> {
  const file = join(dataDir, name);
  try {
    if (!existsSync(file)) await create(dataDir, file, await make());
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw explainDataDirError(error, dataDir);
  }
}

/** Linking a finished file is all or nothing, and of two processes that start at once only one succeeds. */
async function create(folder: string, file: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, `${text.trim()}\n`, { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
}
