import { describe, expect, it } from '@jest/globals';
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
});
