import sanitizeHtml from 'sanitize-html';

/** What of a mail's HTML may be part of a page: text and links, but nothing that runs, loads or restyles. */
export function sanitizeMail(html: string): string {
  return sanitizeHtml(html, {
    allowedAttributes: { a: ['href'] },
    allowedSchemes: ['http', 'https', 'mailto'],
    nonTextTags: ['script', 'style', 'textarea', 'option', 'title', 'noscript'],
    // The page around the mail has a heading of its own already.
    transformTags: { h1: 'h3', h2: 'h4' },
  });
}
