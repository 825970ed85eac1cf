import { setTimeout } from 'node:timers/promises';
import { isConflict, isForAnotherConnection, NotSent } from './database-errors.js';
import { type Deadline, millisecondsUntil } from './deadline.js';

/** All connections of a pool may have the same trouble: more than most pools have. */
const MOST_CONNECTIONS = 20;

/** A server to which no connection can be made now may take one in a moment. */
const MOST_NEW_CONNECTIONS = 3;

/** Longest time between two attempts. */
const LONGEST_PAUSE_MS = 100;

/** Does it again where it is certain that nothing was done. */
export async function retrying<Result>(attempt: () => Promise<Result>, deadline: Deadline): Promise<Result> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      const pause = pauseAfter(error, failures);
      if (pause === undefined || pause >= millisecondsUntil(deadline)) throw error;
      if (pause > 0) await setTimeout(pause);
    }
  }
}

/** Milliseconds until a failed statement can be sent again; undefined if it must not be, or is not worth it. */
function pauseAfter(error: unknown, failures: number): number | undefined {
  const pause = Math.random() * Math.min(2 ** failures, LONGEST_PAUSE_MS);
  if (isConflict(error)) return pause;
  if (!isForAnotherConnection(error)) return undefined;
  if (error instanceof NotSent) return failures < MOST_NEW_CONNECTIONS ? pause : undefined;
  return failures < MOST_CONNECTIONS ? 0 : undefined;
}
