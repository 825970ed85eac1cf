import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { HookCalls } from './hook-calls.js';

class Keeper extends Logger {
  readonly errors: string[] = [];

  override error(message: string): void {
    this.errors.push(message);
  }
}

const never = () => new Promise<void>(() => undefined);

describe('HookCalls', () => {
  it('waits for a hook that returns', async () => {
    let isDone = false;
    await new HookCalls('onUsed', new Keeper()).call(async () => {
      await new Promise(setImmediate);
      isDone = true;
    });
    expect(isDone).toBe(true);
  });

  it('does not wait for ever for one that does not, and logs it', async () => {
    const logger = new Keeper();
    await new HookCalls('onUsed', logger, { most: 10, longestMs: 5 }).call(never);
    expect(logger.errors).toEqual([expect.stringContaining('onUsed has not returned within 5 ms')]);
  });

  it('does not call it while too many calls are under way, and logs that once', async () => {
    const logger = new Keeper();
    const calls = new HookCalls('onUsed', logger, { most: 2, longestMs: 60_000 });
    let finish!: () => void;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    let count = 0;
    const hook = () => {
      count++;
      return finished;
    };
    const both = Promise.all([calls.call(hook), calls.call(hook)]);
    await Promise.all([calls.call(hook), calls.call(hook)]);
    expect(count).toBe(2);
    expect(logger.errors).toEqual([expect.stringContaining('not called while 2 calls')]);
    finish();
    await both;
    await calls.call(hook);
    expect(count).toBe(3);
  });

  it.each([
    ['throws', () => Promise.reject(Object.create(null) as Error)],
    [
      'throws at once',
      () => {
        throw Object.create(null);
      },
    ],
  ])('never fails when it %s whatever, and logs it', async (_, hook) => {
    const logger = new Keeper();
    await new HookCalls('onUsed', logger).call(hook);
    expect(logger.errors).toHaveLength(1);
  });
});
