import { setTimeout } from 'node:timers/promises';

/** How many times as long as the step took there is a rest behind it: whoever clicks meanwhile should not feel it. */
const REST = 4;

/** Does one step of long work that nobody waits for, and rests. */
export async function unhurried<Result>(step: () => Promise<Result>): Promise<Result> {
  const startedAt = performance.now();
  const result = await step();
  await setTimeout(REST * (performance.now() - startedAt));
  return result;
}
