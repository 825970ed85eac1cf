import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout } from 'node:timers/promises';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of the heap that are still in use when all that can be collected is collected. */
export async function heapInUse(): Promise<number> {
  // What is finalized in one round is collected in the next.
  for (let round = 0; round < 3; round++) {
    await setTimeout(50);
    collect();
  }
  return process.memoryUsage().heapUsed;
}
