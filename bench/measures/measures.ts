import type { MeasureName } from '../options.js';
import { bigTables } from './big-tables.js';
import { deferred } from './deferred.js';
import { issue } from './issue.js';
import { issueMany } from './issue-many.js';
import type { Measure } from './measure.js';
import { memory } from './memory.js';
import { race } from './race.js';
import { redeem } from './redeem.js';
import { undecorated } from './undecorated.js';

export const measures: Record<MeasureName, Measure> = {
  redeem,
  undecorated,
  issue,
  issueMany,
  deferred,
  bigTables,
  memory,
  race,
};
