import type { Provider } from '@nestjs/common';
import { DeferredTally } from './deferred-tally.js';
import { Lists } from './lists.js';
import { Maintenance } from './maintenance.js';
import { Operations } from './operations.js';
import { Partitions } from './partitions.js';
import { SchemaCheck } from './schema-check.js';
import { Statistics } from './statistics.js';
import { SumStore } from './sum-store.js';
import { Summary } from './summary.js';
import { Telemetry } from './telemetry.js';

/** For the module: first the check of the schema, so that nothing is asked of tables that are not there. */
export const OPERATIONS_PROVIDERS: Provider[] = [
  SchemaCheck,
  SumStore,
  Summary,
  DeferredTally,
  Statistics,
  Lists,
  Partitions,
  Maintenance,
  Telemetry,
  Operations,
];
