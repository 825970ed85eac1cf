import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import type { DataSourceOptions } from 'typeorm';
import { AppDatabase, type Unlock } from './app-database.js';
import { lockFolder } from './folder-lock.js';

/** Postgres inside this process. The folder is locked, so locks by name need to hold in this process only. */
export class EmbeddedDatabase extends AppDatabase {
  readonly options: DataSourceOptions;
  private readonly locks = new Set<string>();

  private constructor(
    private readonly pglite: PGlite,
    private readonly unlockFolder: () => Promise<void>,
  ) {
    super();
    this.options = {
      type: 'postgres',
      extra: createPgConfig(pglite),
      // There is one connection: a query outside an open transaction's manager would wait for itself.
      poolSize: 1,
      connectTimeoutMS: 10_000,
      installExtensions: false,
      uuidExtension: 'pgcrypto',
    };
  }

  static async open(dataDir: string): Promise<EmbeddedDatabase> {
    const folder = join(dataDir, 'database');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const unlockFolder = await lockFolder(folder);
    try {
      return new EmbeddedDatabase(await PGlite.create(folder), unlockFolder);
    } catch (error) {
      await unlockFolder();
      throw error;
    }
  }

  exclusively<Result>(_name: string, work: () => Promise<Result>): Promise<Result> {
    return work();
  }

  tryLock(name: string): Promise<Unlock | undefined> {
    if (this.locks.has(name)) return Promise.resolve(undefined);
    this.locks.add(name);
    return Promise.resolve(() => {
      this.locks.delete(name);
      return Promise.resolve();
    });
  }

  isLocked(name: string): Promise<boolean> {
    return Promise.resolve(this.locks.has(name));
  }

  async close(): Promise<void> {
    await this.pglite.close();
    await this.unlockFolder();
  }
}
