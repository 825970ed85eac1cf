import { setImmediate } from 'node:timers/promises';
import { type IssuedToken, IssueManyError } from './issue.js';

export interface IssueManySteps<Options> {
  sign: (options: Options) => Promise<IssuedToken>;
  write: (batch: IssuedToken[]) => Promise<void>;
}

/** How many are signed at a time; others have their turn of the event loop in between. */
const SIGNED_AT_A_TIME = 50;

interface Batch {
  tokens: IssuedToken[];
  /** Why there is nothing behind this batch, if it is not the end. */
  failure?: { cause: unknown };
}

/**
 * Issues in batches, each signed while the one before it is written, and yields what is written.
 *
 * @throws IssueManyError when everything before the failure was yielded
 */
export async function* issueMany<Options>(
  options: Iterable<Options> | AsyncIterable<Options>,
  { sign, write }: IssueManySteps<Options>,
  batchSize: number,
): AsyncGenerator<IssuedToken, void, undefined> {
  let issued = 0;
  let end: Batch['failure'];
  let written = Promise.resolve<IssuedToken[]>([]);
  try {
    for await (const { tokens, failure } of signInBatches(options, sign, batchSize)) {
      const ready = await written;
      end = failure;
      written = write(tokens).then(() => tokens);
      // Whether it failed is asked above, or below, when there is nobody else to wait for.
      written.catch(() => undefined);
      issued += ready.length;
      yield* ready;
    }
    const last = await written;
    issued += last.length;
    yield* last;
  } catch (cause) {
    end = { cause };
  } finally {
    // Whoever stops early may go on to end the transaction that this is part of.
    await written.catch(() => undefined);
  }
  if (end) throw new IssueManyError(issued, end.cause);
}

/** Never fails: a failure comes with the last batch. */
async function* signInBatches<Options>(
  source: Iterable<Options> | AsyncIterable<Options>,
  sign: IssueManySteps<Options>['sign'],
  batchSize: number,
): AsyncGenerator<Batch, void, undefined> {
  let waiting: Options[] = [];
  let failure: Batch['failure'];
  try {
    for await (const options of source) {
      waiting.push(options);
      if (waiting.length < batchSize) continue;
      const batch = await signAll(waiting, sign);
      waiting = [];
      yield batch;
      if (batch.failure) return;
    }
  } catch (cause) {
    failure = { cause };
  }
  yield { failure, ...(await signAll(waiting, sign)) };
}

/** Signs up to the first that cannot be signed. */
async function signAll<Options>(options: Options[], sign: IssueManySteps<Options>['sign']): Promise<Batch> {
  const tokens: IssuedToken[] = [];
  for (let start = 0; start < options.length; start += SIGNED_AT_A_TIME) {
    await setImmediate();
    const some = options.slice(start, start + SIGNED_AT_A_TIME);
    for (const result of await Promise.allSettled(some.map(sign))) {
      if (result.status === 'rejected') return { tokens, failure: { cause: result.reason } };
      tokens.push(result.value);
    }
  }
  return { tokens };
}
