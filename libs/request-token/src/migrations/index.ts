import { CountRepeatedRefusals1795651200000 } from './count-repeated-refusals.migration.js';
import { CreateRequestTokens1767225600000 } from './create-request-tokens.migration.js';

/**
 * Migrations that make the tables, for the `migrations` of your DataSource:
 * `migrations: [...requestTokenMigrations, …]`. The entities must be among its `entities`.
 *
 * @publicApi
 */
export const requestTokenMigrations = [CreateRequestTokens1767225600000, CountRepeatedRefusals1795651200000];
