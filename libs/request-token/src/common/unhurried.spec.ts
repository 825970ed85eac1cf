import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { unhurried } from './unhurried.js';

describe('unhurried', () => {
  it('gives what the step gave, after four fifths of the time were left to others', async () => {
    const startedAt = performance.now();
    let worked = 0;
    const step = async () => {
      await setTimeout(20);
      worked = performance.now() - startedAt;
      return 'done';
    };
    expect(await unhurried(step)).toBe('done');
    // Timers may be early by a millisecond.
    expect(performance.now() - startedAt).toBeGreaterThan(5 * worked - 2);
  });

  it('does not rest when the step has failed', async () => {
    await expect(unhurried(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});
