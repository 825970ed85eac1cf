import { Injectable } from '@nestjs/common';
import { type Deadline, deadlineIn } from './deadline.js';

/** For what is about thousands of rows, and is waited for by nobody who has a browser open. */
const BULK_MS = 60_000;

/** How long a statement may take, with all that it waits for: its turn, a connection, locks, the network. */
@Injectable()
export class StatementBounds {
  /** Milliseconds, for what a reader waits for: option `statementTimeout`. */
  statementTimeout = 5_000;

  /** For what a reader waits for. */
  soon(): Deadline {
    return deadlineIn(this.statementTimeout);
  }

  /** For bulk work. */
  bulk(): Deadline {
    return deadlineIn(Math.max(BULK_MS, this.statementTimeout));
  }
}
