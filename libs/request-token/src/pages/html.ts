import type { Look } from './look.js';
import type { RequestTokenPage } from './page.js';
import { SCRIPT } from './script.js';

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]);

type Brand = NonNullable<Look['brand']>;

/** A hidden form field. */
export const hiddenField = (name: string, value: string): string =>
  `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`;

/**
 * The module's own page: one column, one button, which works without JavaScript.
 *
 * @param support text of the link to the brand's support
 */
export function renderPage(page: RequestTokenPage, { style, brand }: Look, support: string): string {
  return `<!doctype html>
<html lang="${escapeHtml(page.lang)}"${page.dir === 'rtl' ? ' dir="rtl"' : ''}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(brand ? `${page.title} – ${brand.name}` : page.title)}</title>
<style>${style}</style>
</head>
<body>
${brand ? `<header>${sender(brand)}</header>\n` : ''}<main>
<h1>${escapeHtml(page.title)}</h1>
<p>${escapeHtml(page.message)}</p>
${page.kind === 'confirm' ? confirmForm(page) : help(page)}
</main>
${brand?.supportUrl ? `<footer>${supportLink(brand.supportUrl, support)}</footer>\n` : ''}</body>
</html>
`;
}

/** Confirm pages have a Referer for their own origin, where the token must not get into the log of pictures either. */
const sender = ({ name, logoUrl }: Brand): string =>
  logoUrl === undefined
    ? `<p>${escapeHtml(name)}</p>`
    : `<img src="${escapeHtml(logoUrl)}" alt="${escapeHtml(name)}" referrerpolicy="no-referrer">`;

const supportLink = (url: string, text: string): string =>
  `<a href="${escapeHtml(url)}" rel="noreferrer">${escapeHtml(text)}</a>`;

/** Without an action a form goes to the address of its page, in which the token is already. */
const confirmForm = ({ button, field }: Extract<RequestTokenPage, { kind: 'confirm' }>): string =>
  `<form method="post">${field}<button>${escapeHtml(button)}</button></form>
<script>${SCRIPT}</script>`;

const help = ({ help: { text, link } }: Extract<RequestTokenPage, { kind: 'refusal' }>): string =>
  [
    text && `<p>${escapeHtml(text)}</p>`,
    link && `<p><a href="${escapeHtml(link.url)}">${escapeHtml(link.text)}</a></p>`,
  ]
    .filter(Boolean)
    .join('\n');
