import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodesToSame } from './escaping.js';

describe('decodesToSame', () => {
  it.each([
    ['/list', '/list'],
    ['/%61', '/a'],
    ['/%c3%a9', '/%C3%A9'],
    ['/é', '/%C3%A9'],
    ["/it's", '/it%27s'],
    ['/a%2fb', '/a%2Fb'],
    ['/100%', '/100%'],
  ])('is true for %s and %s: only the escaping differs', (one, other) => {
    expect(decodesToSame(one, other)).toBe(true);
    expect(decodesToSame(other, one)).toBe(true);
  });

  it.each([
    ['/list', '/list/'],
    ['/list', '/List'],
    ['/a/b', '/a%2Fb'],
    ['/a//b', '/a/b'],
    ['/a', '//a'],
    ['/a%2520', '/a%20'],
    ['/a+b', '/a%20b'],
    ['/users/1', '/users/2/../1'],
    ['/users/1', '/users/2/%2e%2e/1'],
    ['/a%5Cb', '/a/b'],
    ['/%', '/%25'],
    ['/%', '/%FF'],
    ['/é', '/e\u0301'],
    ['/a', '/a%00'],
    ['', '/'],
  ])('is false for %s and %s', (one, other) => {
    expect(decodesToSame(one, other)).toBe(false);
    expect(decodesToSame(other, one)).toBe(false);
  });

  it('never fails', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.webPath());
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(decodesToSame(one, other)).toBe(decodesToSame(other, one));
        expect(decodesToSame(one, one)).toBe(true);
      }),
    );
  });
});
