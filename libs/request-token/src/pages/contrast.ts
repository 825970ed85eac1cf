/** Red, green and blue, each from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

export const WHITE: Rgb = [255, 255, 255];
export const BLACK: Rgb = [0, 0, 0];

/** @returns undefined if it is no colour of the form `#1d4ed8` or `#03f` */
export function parseColor(text: string): Rgb | undefined {
  const digits = /^#(?:[\da-f]{3}){1,2}$/i.test(text) ? text.slice(1) : undefined;
  if (digits === undefined) return undefined;
  const size = digits.length / 3;
  const channel = (index: number) =>
    parseInt(digits.slice(index * size, (index + 1) * size).repeat(size === 1 ? 2 : 1), 16);
  return [channel(0), channel(1), channel(2)];
}

export const formatColor = (color: Rgb): string =>
  `#${color.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;

/** WCAG 2.2: from 1, no contrast at all, to 21, black on white. */
export function contrast(one: Rgb, other: Rgb): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** "Relative luminance" of WCAG 2.2. */
function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The colour itself, or as little of another mixed in as reaches this contrast with the background. */
export function toContrast(color: Rgb, background: Rgb, ratio: number, added: Rgb): Rgb {
  for (let percent = 0; percent < 100; percent++) {
    const mixed = color.map((channel, i) => Math.round(channel + ((added[i] - channel) * percent) / 100));
    if (contrast(mixed as unknown as Rgb, background) >= ratio) return mixed as unknown as Rgb;
  }
  return added;
}
