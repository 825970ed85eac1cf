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
button { font: inherit; font-weight: 600; min-height: 3rem; max-width: 100%; padding: .5rem 1.5rem; border: 0;
  border-radius: .5rem; background: #1d4ed8; color: #fff; cursor: pointer; }
button:hover { background: #1e40af; }
button:disabled { opacity: .6; cursor: progress; }
button:focus-visible, a:focus-visible { outline: 3px solid #3b82f6; outline-offset: 3px; }
a { color: LinkText; }
`;

/**
 * Locks the button when the form is sent: of a double click, the second request would otherwise be the one whose
 * answer is shown, and say that the link has been used. A disabled button cannot send its form, so that comes
 * after. A page that the browser has kept is shown again as it was left, so it is unlocked; and so is one that
 * stays, because the answer is a file, after a while.
 */
const SCRIPT = `
const form = document.forms[0], button = form.querySelector('button');
const lock = (isSent) => {
  form.setAttribute('aria-busy', isSent);
  setTimeout(() => { button.disabled = isSent; });
};
form.addEventListener('submit', (event) => {
  if (form.getAttribute('aria-busy') === 'true') event.preventDefault();
  else { lock(true); setTimeout(lock, 30000, false); }
});
addEventListener('pageshow', (event) => { if (event.persisted) lock(false); });
`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nobody may show a page in a frame, and so make people click on what they do not see. */
export const UNFRAMED = "frame-ancestors 'none'";

/**
 * Nothing is loaded, and nothing runs but the script above. Where the form goes is not restricted (`form-action`):
 * Chromium would hold the redirect that answers it to that, too, and handlers redirect to front ends on other
 * origins. There is one form, without an action, and nothing on the page that could add another.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(SCRIPT)}`,
  "base-uri 'none'",
  UNFRAMED,
].join('; ');

/** The module's own look: one column, one button, which works without JavaScript. */
export function renderPage(page: RequestTokenPage): string {
  return `<!doctype html>
<html lang="${escapeHtml(page.lang)}"${page.dir === 'rtl' ? ' dir="rtl"' : ''}>
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
  `<form method="post">${field}<button>${escapeHtml(button)}</button></form>
<script>${SCRIPT}</script>`;

const help = ({ help: { text, link } }: Extract<RequestTokenPage, { kind: 'refusal' }>): string =>
  [
    text && `<p>${escapeHtml(text)}</p>`,
    link && `<p><a href="${escapeHtml(link.url)}">${escapeHtml(link.text)}</a></p>`,
  ]
    .filter(Boolean)
    .join('\n');
