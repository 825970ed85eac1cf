import { setImmediate } from 'node:timers/promises';
import { type IssuedToken, IssueManyError } from './issue.js';

export interface IssueManySteps<Options> {
  /** No promise where nothing has to be waited for. */
  sign: (options: Options) => IssuedToken | Promise<IssuedToken>;
  /** Whether nothing is written for it. Never fails, whatever the options are. */
  isDeferred: (options: Options) => boolean;
  write: (batch: IssuedToken[]) => Promise<void>;
}

/** How many are signed at a time; others have their turn of the event loop in between. */
const SIGNED_AT_A_TIME = 50;

interface Batch {
  tokens: IssuedToken[];
  /** Why there is nothing behind this batch, if it is not the end. */
  failure?: { cause: unknown };
}

interface Signed extends Pick<Batch, 'failure'> {
  signed: IssuedToken[];
}

/**
 * Issues in batches, each signed while the one before it is written, and yields what is written.
 *
 * @throws IssueManyError when everything before the failure was yielded
 */
export async function* issueMany<Options>(
  options: Iterable<Options> | AsyncIterable<Options>,
  { write, ...steps }: IssueManySteps<Options>,
  batchSize: number,
): AsyncGenerator<IssuedToken, void, undefined> {
  let issued = 0;
  let end: Batch['failure'];
  let written = Promise.resolve<IssuedToken[]>([]);
  try {
    for await (const { tokens, failure } of signInBatches(options, steps, batchSize)) {
      const ready = await written;
      end = failure;
      written = write(tokens).then(() => tokens);
      // Whether it failed is asked above, or below, when there is nobody else to wait for.
      written.catch(() => undefined);
      issued += ready.length;
      for (const each of ready) yield each;
    }
    const last = await written;
    issued += last.length;
    for (const each of last) yield each;
  } catch (cause) {
    end = { cause };
  } finally {
    // Whoever stops early may go on to end the transaction that this is part of.
    await written.catch(() => undefined);
  }
  if (end) throw new IssueManyError(issued, end.cause);
}

/**
 * Never fails: a failure comes with the last batch. What is not written needs no large batches, and tokens that are soon
 * forgotten cost the garbage collector next to nothing.
 */
async function* signInBatches<Options>(
  source: Iterable<Options> | AsyncIterable<Options>,
  { sign, isDeferred }: Pick<IssueManySteps<Options>, 'sign' | 'isDeferred'>,
  batchSize: number,
): AsyncGenerator<Batch, void, undefined> {
  const deferredSize = Math.min(batchSize, SIGNED_AT_A_TIME);
  let waiting: Options[] = [];
  let isToWrite = false;
  let failure: Batch['failure'];
  try {
    for await (const options of source) {
      waiting.push(options);
      isToWrite ||= !isDeferred(options);
      if (waiting.length < (isToWrite ? batchSize : deferredSize)) continue;
      const batch = await signAll(waiting, sign);
      waiting = [];
      isToWrite = false;
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
    const { signed, failure } = await signSome(options.slice(start, start + SIGNED_AT_A_TIME), sign);
    tokens.push(...signed);
    if (failure) return { tokens, failure };
  }
  return { tokens };
}

/** As {@link signAll}, without a pause. Promises cost as much as signatures, so there are some only where needed. */
function signSome<Options>(
  options: Options[],
  sign: IssueManySteps<Options>['sign'],
): Signed | Promise<Signed> {
  const begun: (IssuedToken | Promise<IssuedToken>)[] = [];
  let failure: Batch['failure'];
  try {
    for (const each of options) begun.push(sign(each));
  } catch (cause) {
    failure = { cause };
  }
  const isSigned = (each: IssuedToken | Promise<IssuedToken>): each is IssuedToken =>
    !(each instanceof Promise);
  return begun.every(isSigned) ? { signed: begun, failure } : untilRejected(begun, failure);
}

async function untilRejected(
  begun: (IssuedToken | Promise<IssuedToken>)[],
  failure: Batch['failure'],
): Promise<Signed> {
  const signed: IssuedToken[] = [];
  for (const result of await Promise.allSettled(begun.map(async (each) => each))) {
    if (result.status === 'rejected') return { signed, failure: { cause: result.reason } };
    signed.push(result.value);
  }
  return { signed, failure };
}
