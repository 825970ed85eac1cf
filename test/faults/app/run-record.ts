import { openSync, writeSync } from 'node:fs';
import { monotonicMs } from '../../support/monotonic.js';

export type RunEventName = 'began' | 'succeeded' | 'failed';

/** What is written down of a run; the visit is the client's name for it. */
export interface RunFacts {
  tokenId: string;
  visitId: string | undefined;
  /** Of the log row, where whoever runs knows it. */
  logId?: string;
}

/** Events of runs, in a file: what is in it outlives the process, and depends on no transaction. */
export class RunRecord {
  private readonly file = openSync(process.env.RUN_RECORD!, 'a');

  write(run: RunFacts, event: RunEventName): void {
    writeSync(this.file, `${JSON.stringify({ ...run, event, at: monotonicMs() })}\n`);
  }
}
