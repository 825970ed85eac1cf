import { CountRepeatedRefusals1795651200000 } from './count-repeated-refusals.migration.js';
import { CreateRequestTokens1767225600000 } from './create-request-tokens.migration.js';
import { CreateRevocations1795737600000 } from './create-revocations.migration.js';

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
];
