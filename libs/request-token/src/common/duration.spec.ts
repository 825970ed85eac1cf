import { describe, expect, it } from '@jest/globals';
import { toMilliseconds } from './duration.js';

describe('toMilliseconds', () => {
  it.each([
    [0, 0],
    [1, 1_000],
    [0.5, 500],
    [-1, -1_000],
    [2_592_000, 2_592_000_000],
  ])('takes a number for seconds: %p', (seconds, milliseconds) => {
    expect(toMilliseconds(seconds)).toBe(milliseconds);
  });

  it.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['10m', 600_000],
    ['10 minutes', 600_000],
    ['10M', 600_000],
    ['36h', 129_600_000],
    ['1.5h', 5_400_000],
    ['.5h', 1_800_000],
    ['30d', 2_592_000_000],
    ['2w', 1_209_600_000],
    ['1y', 31_557_600_000],
    ['0s', 0],
    ['-1h', -3_600_000],
  ])('takes a text with a unit: %j', (text, milliseconds) => {
    expect(toMilliseconds(text)).toBe(milliseconds);
  });

  it.each(['10', '3600', '0', '1.5', '-1'])(
    'takes no text without a unit, which could mean seconds or milliseconds: %j',
    (text) => {
      expect(toMilliseconds(text)).toBeNaN();
    },
  );

  it.each([
    '',
    ' ',
    'ms',
    'soon',
    '1h30m',
    '1 month',
    '1e3s',
    'Infinitys',
    'NaNs',
    '0x10s',
    '1,5h',
    '٣m',
    ' 10m',
    '10m ',
    '10m\n',
    `${'1'.repeat(101)}s`,
    '1'.repeat(1_000_000),
    'P1D',
  ])('takes no other text: %.20j', (text) => {
    expect(toMilliseconds(text)).toBeNaN();
  });

  it.each([undefined, null, true, 10n, {}, [], [10], new Date(), NaN, Symbol('10m')])(
    'takes nothing else: %p',
    (value) => {
      expect(toMilliseconds(value)).toBeNaN();
    },
  );
});
