import type { MigrationInterface } from 'typeorm';
import { AddOperations1795996800000 } from './add-operations.migration.js';
import { CountRepeatedRefusals1795651200000 } from './count-repeated-refusals.migration.js';
import { CreateRequestTokens1767225600000 } from './create-request-tokens.migration.js';
import { CreateRevocations1795737600000 } from './create-revocations.migration.js';
import { PartitionLog1796083200000 } from './partition-log.migration.js';

/**
 * Migrations that make the tables, the oldest first, for the `migrations` of your DataSource:
 * `migrations: [...requestTokenMigrations, …]`. Schema, table prefix and naming strategy are those of that DataSource,
 * which need not have the entities. A released migration never changes; a version that needs more brings another one.
 * Run them before that version starts, or let it run them, with `migrationsRun: true`: on a database that lacks a table
 * or a column of it, it does not boot, and names the migration that makes it.
 *
 * @publicApi
 */
export const requestTokenMigrations = [
  CreateRequestTokens1767225600000,
  CountRepeatedRefusals1795651200000,
  CreateRevocations1795737600000,
  AddOperations1795996800000,
];

/**
 * How the tables are made.
 *
 * @publicApi
 */
export interface RequestTokenMigrationsOptions {
  /** Partitions the log by the months in its ids: a month that is old is dropped at once. Default: not partitioned. */
  partitionLog?: 'month';
}

/**
 * {@link requestTokenMigrations}, and what the options want besides. A log that is there already is read once for it,
 * and not rewritten: nobody can use links meanwhile. Run `maintain` every day, which makes the partitions of months to
 * come.
 *
 * @example `migrations: [...createRequestTokenMigrations({ partitionLog: 'month' }), …]`
 * @throws TypeError if an option is wrong
 * @publicApi
 */
export function createRequestTokenMigrations(
  options: RequestTokenMigrationsOptions = {},
): (new () => MigrationInterface)[] {
  const { partitionLog, ...others } = options;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new TypeError(`createRequestTokenMigrations: ${other} is not an option; there is partitionLog`);
  }
  if ('partitionLog' in options && partitionLog !== 'month') {
    throw new TypeError(
      "createRequestTokenMigrations: partitionLog must be 'month'; leave it out for one table",
    );
  }
  return partitionLog ? [...requestTokenMigrations, PartitionLog1796083200000] : [...requestTokenMigrations];
}
