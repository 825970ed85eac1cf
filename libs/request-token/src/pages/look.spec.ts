import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contrast, parseColor, type Rgb } from './contrast.js';
import { createLook } from './look.js';

const lookOf = (brand: object = {}, baseUrl = 'https://example.com') =>
  createLook({ name: 'Example', ...brand }, new URL(baseUrl));

const imagesOf = (logoUrl: string, baseUrl?: string) =>
  /img-src ([^;]*)/.exec(lookOf({ logoUrl }, baseUrl).policy)?.[1];

/** The colours of one scheme, as the style has them. */
const colorsIn = (style: string) =>
  [...style.matchAll(/:root \{(.*)\}/g)].map(([, rule]) =>
    Object.fromEntries(
      [...rule.matchAll(/--(\w+): (#\w+);/g)].map(([, name, value]) => [name, parseColor(value) as Rgb]),
    ),
  );

describe('The policy of a page', () => {
  it('allows no picture without a logo', () => {
    expect(lookOf().policy).not.toContain('img-src');
    expect(createLook(undefined, new URL('https://example.com')).policy).not.toContain('img-src');
  });

  it.each([
    ['https://cdn.example.com/logo.png', 'https://cdn.example.com/logo.png'],
    ['https://cdn.example.com/logo.png?v=2#x', 'https://cdn.example.com/logo.png'],
    ['https://cdn.example.com/a;b,c.png', 'https://cdn.example.com/a%3Bb%2Cc.png'],
    ['https://cdn.example.com/a b ü.png', 'https://cdn.example.com/a%20b%20%C3%BC.png'],
    [
      "https://cdn.example.com/x' 'unsafe-inline'; script-src *",
      /^https:\/\/cdn\.example\.com\/x'%20'[^ ]*$/,
    ],
    ['/logo.svg', 'https://example.com/logo.svg'],
    ['data:image/png;base64,iVBORw0KGgo=', 'data:'],
  ])('allows just %s', (logoUrl, source) => {
    expect(imagesOf(logoUrl)).toEqual(source instanceof RegExp ? expect.stringMatching(source) : source);
    expect(lookOf({ logoUrl }).policy.split('; ')).toHaveLength(6);
  });

  it('has a path below that of the base URL, as links have it', () => {
    expect(imagesOf('/logo.svg', 'https://example.com/app')).toBe('https://example.com/app/logo.svg');
    expect(imagesOf('/logo.svg', 'https://example.com/app/')).toBe('https://example.com/app/logo.svg');
    expect(imagesOf('/logo.svg', 'http://localhost:3000')).toBe('http://localhost:3000/logo.svg');
    expect(lookOf({ logoUrl: '/logo.svg?v=2' }).brand?.logoUrl).toBe('https://example.com/logo.svg?v=2');
  });
});

describe('The colours of a page', () => {
  it('can be read and seen in the light and in the dark, whatever the colour of the brand', () => {
    const channel = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(channel, channel, channel), (rgb) => {
        const color = `#${rgb.map((each) => each.toString(16).padStart(2, '0')).join('')}`;
        const [light, dark] = colorsIn(lookOf({ color }).style);
        for (const { label, brand, text, page } of [light, dark]) {
          expect(contrast(label, brand)).toBeGreaterThanOrEqual(4.5);
          expect(contrast(text, page)).toBeGreaterThanOrEqual(7);
        }
        expect(light.brand).toEqual(rgb);
        expect(contrast(dark.brand, dark.page)).toBeGreaterThanOrEqual(3);
      }),
    );
  });

  it('are of the brand in the dark, too, where it can be seen there', () => {
    const [light, dark] = colorsIn(lookOf({ color: '#c2410c' }).style);
    expect(dark.brand).toEqual(light.brand);
    const [, navy] = colorsIn(lookOf({ color: '#003366' }).style);
    expect(navy.brand).not.toEqual(parseColor('#003366'));
  });
});
