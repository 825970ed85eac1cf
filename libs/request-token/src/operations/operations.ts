import { Injectable } from '@nestjs/common';
import { DeferredTally } from './deferred-tally.js';
import { Lists } from './lists.js';
import { Maintenance } from './maintenance.js';
import { Statistics } from './statistics.js';
import { Telemetry } from './telemetry.js';

/** What keeps tokens running for years. */
@Injectable()
export class Operations {
  constructor(
    readonly lists: Lists,
    readonly statistics: Statistics,
    readonly maintenance: Maintenance,
    readonly deferred: DeferredTally,
    readonly telemetry: Telemetry,
  ) {}
}
