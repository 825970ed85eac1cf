import { checkOf } from '../common/given.js';
import { parseUrl } from '../common/parse-url.js';
import { BLACK, contrast, formatColor, parseColor, type Rgb, toContrast } from './contrast.js';
import { LIGHT, SHAPE_CONTRAST } from './look.js';
import type { RequestTokenBrand } from './page.js';

const checkBrand = checkOf<RequestTokenBrand>('brand', "{ name: 'Example' }", {
  name: 'say who sends the links',
  logoUrl: 'leave it out for none',
  color: "leave it out for the module's blue",
  supportUrl: 'leave it out for none',
});

/** @throws TypeError that names what is wrong with the brand of the module's pages, and says what would do */
export function assertBrand(brand: unknown, where: string): void {
  checkBrand(brand, where);
  const { name, logoUrl, color, supportUrl } = brand as Record<string, unknown>;
  if (typeof name !== 'string' || name.trim() === '') {
    throw new TypeError(`${where}.name must be a text: who sends the links, as readers know them`);
  }
  if (logoUrl !== undefined && !isLogo(logoUrl)) {
    throw new TypeError(
      `${where}.logoUrl must be an https: URL, a path such as '/logo.svg', or a data: URI of an image`,
    );
  }
  if (color !== undefined) assertColor(color, `${where}.color`);
  if (supportUrl !== undefined && !isSupport(supportUrl)) {
    throw new TypeError(`${where}.supportUrl must be an absolute http(s) URL, or mailto: with an address`);
  }
}

function isLogo(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  if (value.startsWith('/')) return !/^\/[/\\]/.test(value);
  if (/^data:/i.test(value)) return /^data:image\/[\w.+-]+[;,]/i.test(value);
  return isUrl(value, ['https:']);
}

const isSupport = (value: unknown): boolean =>
  typeof value === 'string' && (isUrl(value, ['http:', 'https:']) || /^mailto:[^\s@]+@[^\s@]+$/i.test(value));

function isUrl(value: string, protocols: string[]): boolean {
  const url = parseUrl(value);
  return !!url && protocols.includes(url.protocol) && url.username === '' && url.password === '';
}

/**
 * On the dark page a colour that is too dark is made lighter, as designers do; on the light one, a colour that is
 * too light would have to become another. The text on the button is white or black, of which one can always be read.
 */
function assertColor(value: unknown, where: string): void {
  const color = typeof value === 'string' ? parseColor(value) : undefined;
  if (color === undefined) throw new TypeError(`${where} must be a colour such as '#1d4ed8'`);
  const reached = contrast(color, LIGHT.background);
  if (reached >= SHAPE_CONTRAST) return;
  throw new TypeError(
    `${where} ${String(value)} reaches a contrast of ${rounded(reached)}:1 with the light page, where the button ` +
      `needs ${SHAPE_CONTRAST}:1 (WCAG 2.2 AA, 1.4.11); ${darker(color)} would do`,
  );
}

/** Downwards, so that it never looks like the ratio that is missed. */
const rounded = (ratio: number): string => (Math.floor(ratio * 100) / 100).toFixed(2);

const darker = (color: Rgb): string =>
  formatColor(toContrast(color, LIGHT.background, SHAPE_CONTRAST, BLACK));
