import { describe, expect, it } from '@jest/globals';
import { assertBrand } from './given-brand.js';

const problem = (brand: unknown): string | undefined => {
  try {
    assertBrand(brand, 'pages.brand');
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as Error).message;
  }
};
const given = (part: object) => problem({ name: 'Example', ...part });

describe('A brand', () => {
  it('needs a name, and no more', () => {
    expect(problem({ name: 'Example' })).toBeUndefined();
    for (const name of ['', '  ', 7, null, ['Example']])
      expect(problem({ name })).toMatch(/brand\.name must be/);
    expect(problem({})).toMatch(/brand\.name must be/);
  });

  it.each([[[]], [null], ['Example'], [7]])('is an object, and not %j', (brand) => {
    expect(problem(brand)).toMatch(/pages\.brand: give an object such as \{ name: 'Example' \}/);
  });

  it.each(['name', 'logoUrl', 'color', 'supportUrl'])('has no %s that is undefined', (property) => {
    expect(given({ [property]: undefined })).toContain(`pages.brand: ${property} is undefined; `);
  });

  it.each(['logo', 'colour', 'Color', 'supportUrls'])('has no %s', (property) => {
    expect(given({ [property]: 'x' })).toContain(
      `pages.brand: ${property} is not an option; there are name,`,
    );
  });

  it.each([
    ['https://cdn.example.com/logo.png'],
    ['https://cdn.example.com/logo.png?v=2'],
    ['/logo.svg'],
    ['/a/b/logo.svg?v=2'],
    ['data:image/png;base64,iVBORw0KGgo='],
    ["data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>"],
  ])('may have the logo %s', (logoUrl) => {
    expect(given({ logoUrl })).toBeUndefined();
  });

  it.each([
    ['http://cdn.example.com/logo.png'],
    ['//cdn.example.com/logo.png'],
    ['/\\cdn.example.com/logo.png'],
    ['logo.png'],
    ['https://user:secret@example.com/logo.png'],
    ['javascript:alert(1)'],
    ['data:text/html,<script>'],
    ['blob:https://example.com/1'],
    ['https://'],
    [''],
    [null],
    [7],
  ])('may not have the logo %j', (logoUrl) => {
    expect(given({ logoUrl })).toMatch(/brand\.logoUrl must be an https: URL, a path .* or a data: URI/);
  });

  it.each(['https://example.com/help', 'http://localhost:3000/help', 'mailto:help@example.com'])(
    'may have its support at %s',
    (supportUrl) => {
      expect(given({ supportUrl })).toBeUndefined();
    },
  );

  it.each([
    'javascript:alert(1)',
    '/help',
    'help@example.com',
    'mailto:',
    'tel:123',
    'https://a:b@c.de',
    '',
    7,
  ])('may not have its support at %j', (supportUrl) => {
    expect(given({ supportUrl })).toMatch(/brand\.supportUrl must be an absolute http\(s\) URL, or mailto:/);
  });

  it.each(['#1d4ed8', '#036', '#000', '#003366', '#c00', '#FF0000', '#767676'])(
    'may have the colour %s',
    (color) => {
      expect(given({ color })).toBeUndefined();
    },
  );

  it.each(['red', '#12', 'rgb(0, 0, 0)', '#1d4ed8ff', '', 7, null])('may not have the colour %j', (color) => {
    expect(given({ color })).toBe("pages.brand.color must be a colour such as '#1d4ed8'");
  });

  it.each([
    ['#ffff00', '1.07'],
    ['#eee', '1.16'],
    ['#ffffff', '1.00'],
    ['#1db446', '2.73'],
    ['#969696', '2.95'],
  ])('may not have a colour that cannot be seen on white, as %s, and hears what would do', (color, ratio) => {
    const message = given({ color });
    expect(message).toContain(
      `pages.brand.color ${color} reaches a contrast of ${ratio}:1 with the light page`,
    );
    expect(message).toContain('needs 3:1');
    const [, instead] = /; (#\w+) would do/.exec(message ?? '') ?? [];
    expect(given({ color: instead })).toBeUndefined();
  });
});
