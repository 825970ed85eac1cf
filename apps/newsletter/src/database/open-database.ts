import type { AppConfig } from '../config/app-config.js';
import { explainDataDirError } from '../config/data-dir.js';
import type { AppDatabase } from './app-database.js';
import { EmbeddedDatabase } from './embedded-database.js';
import { PostgresDatabase } from './postgres-database.js';

/** The server at DATABASE_URL, or else the embedded database in DATA_DIR. */
export async function openDatabase({ DATABASE_URL, DATA_DIR }: AppConfig): Promise<AppDatabase> {
  if (DATABASE_URL) return PostgresDatabase.open(DATABASE_URL);
  try {
    return await EmbeddedDatabase.open(DATA_DIR);
  } catch (error) {
    throw explainDataDirError(error, DATA_DIR);
  }
}
