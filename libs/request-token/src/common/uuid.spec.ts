import { describe, expect, it } from '@jest/globals';
import { validate, version } from 'uuid';
import { newId } from './uuid.js';

describe('newId', () => {
  it('gives UUIDs v7 of this moment, each of them once', () => {
    const before = Date.now();
    const ids = Array.from({ length: 10_000 }, newId);
    const after = Date.now();
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) {
      expect(validate(id) && version(id)).toBe(7);
      const time = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
      expect(time).toBeGreaterThanOrEqual(before);
      expect(time).toBeLessThanOrEqual(after);
    }
  });
});
