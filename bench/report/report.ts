import type { Machine } from '../machine.js';
import type { Results } from '../measures/results.js';
import type { Target } from './targets.js';

/** All that one run of the bench has found: the JSON that it writes. */
export interface Report extends Results {
  machine: Machine;
  targets: Target[];
}
