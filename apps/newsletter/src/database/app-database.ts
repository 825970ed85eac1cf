import type { DataSourceOptions } from 'typeorm';

export type Unlock = () => Promise<void>;

/**
 * The database that the app was started with, opened before Nest and closed after it. Its locks hold
 * between all processes that use the same database, and end with the process that holds them.
 */
export abstract class AppDatabase {
  abstract readonly options: DataSourceOptions;

  /** Does the work while no other process does work under the same name. */
  abstract exclusively<Result>(name: string, work: () => Promise<Result>): Promise<Result>;

  /** Takes the lock, or gives undefined if somebody has it, this process included. */
  abstract tryLock(name: string): Promise<Unlock | undefined>;

  abstract isLocked(name: string): Promise<boolean>;

  abstract close(): Promise<void>;
}
