import { createHash } from 'node:crypto';
import type { RequestTokenPage } from './page.js';

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]);

/** A hidden form field. */
export const hiddenField = (name: string, value: string): string =>
  `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`;

const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; padding: 2rem 1rem; font: 1.125rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 32rem; margin: 10vh auto 0; }
h1 { font-size: 1.5rem; line-height: 1.25; }
button { font: inherit; font-weight: 600; min-height: 3rem; padding: .5rem 1.5rem; border: 0; border-radius: .5rem;
  background: #1d4ed8; color: #fff; cursor: pointer; }
button:hover { background: #1e40af; }
button:focus-visible, a:focus-visible { outline: 3px solid #93c5fd; outline-offset: 3px; }
a { color: LinkText; }
`;

/** Nothing is loaded and nothing runs; the style is the one above, and forms only go back to where they came from. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The module's own look: one column, one button, no JavaScript. */
export function renderPage(page: RequestTokenPage): string {
  return `<!doctype html>
<html lang="${escapeHtml(page.lang)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(page.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(page.title)}</h1>
<p>${escapeHtml(page.message)}</p>
${page.kind === 'confirm' ? confirmForm(page) : help(page)}
</main>
</body>
</html>
`;
}

/** Without an action a form goes to the address of its page, in which the token is already. */
const confirmForm = ({ button, field }: Extract<RequestTokenPage, { kind: 'confirm' }>): string =>
  `<form method="post">${field}<button>${escapeHtml(button)}</button></form>`;

const help = ({ help: { text, link } }: Extract<RequestTokenPage, { kind: 'refusal' }>): string =>
  [
    text && `<p>${escapeHtml(text)}</p>`,
    link && `<p><a href="${escapeHtml(link.url)}">${escapeHtml(link.text)}</a></p>`,
  ]
    .filter(Boolean)
    .join('\n');
