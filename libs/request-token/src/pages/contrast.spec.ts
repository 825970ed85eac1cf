import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BLACK, contrast, formatColor, parseColor, type Rgb, toContrast, WHITE } from './contrast.js';

const channel = fc.integer({ min: 0, max: 255 });
const color: fc.Arbitrary<Rgb> = fc.tuple(channel, channel, channel);
const of = (text: string) => parseColor(text) as Rgb;

describe('A colour', () => {
  it('is read from six digits or three', () => {
    expect(parseColor('#1d4ed8')).toEqual([0x1d, 0x4e, 0xd8]);
    expect(parseColor('#03F')).toEqual([0, 0x33, 0xff]);
    fc.assert(fc.property(color, (each) => expect(parseColor(formatColor(each))).toEqual(each)));
  });

  it.each(['', '#', 'red', '1d4ed8', '#1d4ed', '#1d4ed8ff', '#12', '#ggg', ' #fff', '#fff;', '#fff\n'])(
    'is not %j',
    (text) => {
      expect(parseColor(text)).toBeUndefined();
    },
  );
});

describe('The contrast of two colours', () => {
  // The examples of WCAG's own and of others' checkers.
  it.each([
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#ffffff', 1],
    ['#777777', '#ffffff', 4.48],
    ['#767676', '#ffffff', 4.54],
    ['#ff0000', '#ffffff', 4],
    ['#0000ff', '#ffffff', 8.59],
    ['#ffff00', '#ffffff', 1.07],
  ])('of %s and %s is %s, whichever comes first', (one, other, ratio) => {
    expect(contrast(of(one), of(other))).toBeCloseTo(ratio, 2);
    expect(contrast(of(other), of(one))).toBe(contrast(of(one), of(other)));
  });

  it('with black or with white is enough to read, whatever the colour', () => {
    fc.assert(
      fc.property(color, (each) => {
        expect(Math.max(contrast(each, BLACK), contrast(each, WHITE))).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  it('is reached by mixing in white, or black, and nothing is mixed in where it is reached', () => {
    fc.assert(
      fc.property(color, (each) => {
        expect(contrast(toContrast(each, BLACK, 3, WHITE), BLACK)).toBeGreaterThanOrEqual(3);
        const darker = toContrast(each, WHITE, 3, BLACK);
        expect(contrast(darker, WHITE)).toBeGreaterThanOrEqual(3);
        if (contrast(each, WHITE) >= 3) expect(darker).toEqual(each);
      }),
    );
  });
});
