import { createHash } from 'node:crypto';
import { basePathOf } from '../routes/links.js';
import { BLACK, contrast, formatColor, parseColor, type Rgb, toContrast, WHITE } from './contrast.js';
import type { RequestTokenBrand } from './page.js';
import { SCRIPT } from './script.js';

/** Of a page in the light and in the dark. */
interface Scheme {
  background: Rgb;
  text: Rgb;
}

export const LIGHT: Scheme = { background: WHITE, text: [26, 26, 26] };
const DARK: Scheme = { background: [5, 5, 5], text: [242, 242, 242] };

/** WCAG 2.2 AA: of text, and of the shape of a button. */
const TEXT_CONTRAST = 4.5;
export const SHAPE_CONTRAST = 3;

const DEFAULT_COLOR = '#1d4ed8';

/** What all pages of an app have in common; made once, at boot. */
export interface Look {
  readonly style: string;
  readonly policy: string;
  readonly brand?: { name: string; logoUrl?: string; supportUrl?: string };
}

/** @param brand has been checked */
export function createLook(brand: RequestTokenBrand | undefined, baseUrl: URL): Look {
  const style = styleOf(parseColor(brand?.color ?? DEFAULT_COLOR) ?? BLACK);
  const logoUrl = brand?.logoUrl === undefined ? undefined : absolute(brand.logoUrl, baseUrl);
  return {
    style,
    policy: policyOf(style, logoUrl),
    brand: brand && { name: brand.name, logoUrl, supportUrl: brand.supportUrl },
  };
}

/** The policy can name one file only with its origin, which is that of the links. */
const absolute = (logoUrl: string, baseUrl: URL): string =>
  logoUrl.startsWith('/') ? new URL(baseUrl.origin + basePathOf(baseUrl) + logoUrl).href : logoUrl;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nobody may show a page in a frame, and so make people click on what they do not see. */
export const UNFRAMED = "frame-ancestors 'none'";

/**
 * Nothing is loaded but the logo, and nothing runs but one script. Where the form goes is not restricted
 * (`form-action`): Chromium would hold the redirect that answers it to that, too, and handlers redirect to front ends
 * on other origins. There is one form, without an action, and nothing on the page that could add another.
 */
const policyOf = (style: string, logoUrl: string | undefined): string =>
  [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(SCRIPT)}`,
    ...(logoUrl === undefined ? [] : [`img-src ${sourceOf(logoUrl)}`]),
    "base-uri 'none'",
    UNFRAMED,
  ].join('; ');

/** A source has no query, and these two characters part sources. */
function sourceOf(logoUrl: string): string {
  const { protocol, origin, pathname } = new URL(logoUrl);
  return protocol === 'data:' ? 'data:' : origin + pathname.replace(/;/g, '%3B').replace(/,/g, '%2C');
}

const colors = (color: Rgb, { background, text }: Scheme): string => {
  const label = contrast(WHITE, color) >= TEXT_CONTRAST ? WHITE : BLACK;
  const names = { page: background, text, brand: color, label };
  return Object.entries(names)
    .map(([name, value]) => `--${name}: ${formatColor(value)};`)
    .join(' ');
};

/** What is in another language than the page, as help of the app's may be, goes its own way on the page's side. */
const styleOf = (color: Rgb): string => `
:root { color-scheme: light dark; ${colors(color, LIGHT)} }
body { margin: 0; padding: 2rem 1rem; font: 1.125rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
  background: var(--page); color: var(--text); }
body:has(header) { border-top: .375rem solid var(--brand); }
header, main, footer { max-width: 32rem; margin: 0 auto; }
header { font-weight: 600; }
header + main { margin-top: 2.5rem; }
main:first-child { margin-top: 10vh; }
footer { margin-top: 2.5rem; font-size: 1rem; }
img { display: block; height: 2.5rem; max-width: 100%; object-fit: contain; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; text-wrap: balance; }
p { margin: 0 0 1.5rem; text-wrap: pretty; }
h1, p, button { unicode-bidi: plaintext; }
h1, p { text-align: left; }
[dir=rtl] :is(h1, p) { text-align: right; }
:lang(ja) { word-break: auto-phrase; }
button { font: inherit; font-weight: 600; min-height: 3rem; max-width: 100%; padding: .5rem 1.5rem; border: 0;
  border-radius: .5rem; background: var(--brand); color: var(--label); cursor: pointer; }
button:hover { box-shadow: inset 0 0 0 2px; }
button:disabled { opacity: .6; cursor: progress; }
button:focus-visible, a:focus-visible { outline: 3px solid var(--brand); outline-offset: 3px; }
a { color: LinkText; }
@media (prefers-color-scheme: dark) {
  :root { ${colors(toContrast(color, DARK.background, SHAPE_CONTRAST, WHITE), DARK)} }
  img { background: #fff; padding: .5rem .75rem; max-width: calc(100% - 1.5rem); border-radius: .5rem; }
}
`;
