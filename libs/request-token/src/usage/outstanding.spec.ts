import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Outstanding } from './outstanding.js';

describe('Outstanding', () => {
  /** Whether a promise has resolved by now. */
  const isResolved = (promise: Promise<void>) =>
    Promise.race([promise.then(() => true), new Promise((resolve) => setImmediate(() => resolve(false)))]);

  it('waits for nothing when there is nothing', async () => {
    expect(await isResolved(new Outstanding().settled())).toBe(true);
  });

  it('waits for all that is in it, and for nothing that comes later', async () => {
    const outstanding = new Outstanding<object>();
    const [one, two, later] = [{}, {}, {}];
    outstanding.add(one);
    outstanding.add(two);
    const settled = outstanding.settled();
    outstanding.add(later);
    outstanding.done(one);
    expect(await isResolved(settled)).toBe(false);
    outstanding.done(two);
    expect(await isResolved(settled)).toBe(true);
    expect(outstanding.size).toBe(1);
    expect(await isResolved(outstanding.settled())).toBe(false);
  });

  it('keeps little for each of many who wait, and tells them in turn', async () => {
    const outstanding = new Outstanding<object>();
    const [one, two] = [{}, {}];
    outstanding.add(one);
    const first = outstanding.settled();
    expect(outstanding.settled()).toBe(first);
    outstanding.add(two);
    const second = outstanding.settled();
    outstanding.done(two);
    expect(await isResolved(second)).toBe(false);
    expect(outstanding.settled()).toBe(second);
    outstanding.done(one);
    expect(await isResolved(first)).toBe(true);
    expect(await isResolved(second)).toBe(true);
  });

  it('is the same as to keep a set for each who waits, whatever comes and goes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('add', 'done', 'wait'), { maxLength: 60 }), async (steps) => {
        const outstanding = new Outstanding<object>();
        const items: object[] = [];
        const waiting: { left: Set<object>; settled: Promise<void> }[] = [];
        for (const [index, step] of steps.entries()) {
          if (step === 'wait') waiting.push({ left: new Set(items), settled: outstanding.settled() });
          if (step === 'add') outstanding.add(items[items.push({}) - 1]);
          if (step !== 'done' || items.length === 0) continue;
          const [item] = items.splice((index * 7) % items.length, 1);
          outstanding.done(item);
          for (const { left } of waiting) left.delete(item);
          for (const { left, settled } of waiting) expect(await isResolved(settled)).toBe(left.size === 0);
        }
      }),
      { numRuns: 50 },
    );
  });
});
