import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { describeThrown, logThrown, summarizeThrown } from './thrown.js';

const unreadable = new Proxy(
  {},
  {
    get() {
      throw new Error('no');
    },
    getPrototypeOf() {
      throw new Error('no');
    },
  },
);
const withoutStack = Object.defineProperty(new Error('bad'), 'stack', {
  get() {
    throw new Error('no');
  },
});

describe('what was thrown', () => {
  it('is described by its stack, or in one line', () => {
    expect(describeThrown(new TypeError('bad'))).toMatch(/^TypeError: bad\n +at /);
    expect(summarizeThrown(new TypeError('bad'))).toBe('TypeError: bad');
  });

  it.each([
    ['a text', 'bad', 'bad'],
    ['undefined', undefined, 'undefined'],
    ['an object', { code: 7 }, '{ code: 7 }'],
    ['an object without a prototype', Object.create(null), '[Object: null prototype] {}'],
    ['a symbol', Symbol('bad'), 'Symbol(bad)'],
  ])('is described if it is %s', (_, thrown, text) => {
    expect(describeThrown(thrown)).toBe(text);
    expect(summarizeThrown(thrown)).toBe(text);
  });

  it.each([
    ['cannot be read', unreadable],
    ['has a stack that cannot be read', withoutStack],
  ])('is described in some way if it %s', (_, thrown) => {
    expect(typeof describeThrown(thrown)).toBe('string');
    expect(typeof summarizeThrown(thrown)).toBe('string');
  });

  it('is logged without a failure of the logger', () => {
    const logger = new Logger();
    logger.error = () => {
      throw new Error('the disk is full');
    };
    expect(() => logThrown(logger, new Error('bad'))).not.toThrow();
  });
});
