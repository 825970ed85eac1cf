import type { AppConfig } from '../config/app-config.js';
import { StartupError } from '../config/startup-error.js';
import type { AppDatabase } from './app-database.js';
import { EmbeddedDatabase } from './embedded-database.js';
import { PostgresDatabase } from './postgres-database.js';

const UNUSABLE_FOLDER = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOSPC']);

/** The server at DATABASE_URL, or else the embedded database in DATA_DIR. */
export async function openDatabase({ DATABASE_URL, DATA_DIR }: AppConfig): Promise<AppDatabase> {
  if (DATABASE_URL) return PostgresDatabase.open(DATABASE_URL);
  try {
    return await EmbeddedDatabase.open(DATA_DIR);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code || !UNUSABLE_FOLDER.has(code)) throw error;
    throw new StartupError(`DATA_DIR ${DATA_DIR} cannot be used: ${message}.`);
  }
}
