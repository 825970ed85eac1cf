import { describe, expect, it } from '@jest/globals';
import { LINK_NAMES } from '../mailings/mailing-template.js';
import { renderFreshLinkMail } from './fresh-link-mail.js';

describe('renderFreshLinkMail', () => {
  it.each(LINK_NAMES)('brings the link to %s, once', (name) => {
    const { subject, html, text } = renderFreshLinkMail(name, 'https://example.org/x?rt=a.b.c', 'Ann <b>');
    expect(subject).toMatch(/^Your new link/);
    expect(html.split('href=')).toHaveLength(2);
    expect(html).toContain('href="https://example.org/x?rt=a.b.c"');
    expect(html).toContain('Ann &lt;b&gt;');
    expect(text).toContain('<https://example.org/x?rt=a.b.c>');
  });
});
