import { describe, expect, it } from '@jest/globals';
import { renderSignInMail } from './sign-in-mail.js';

describe('renderSignInMail', () => {
  it('brings one link, and says how long and how often it works', () => {
    const { subject, html, text } = renderSignInMail('Ann <b>', 'https://example.org/account?rt=a.b.c&x=1');
    expect(subject).toBe('Your link to sign in');
    expect(html.split('href=')).toHaveLength(2);
    expect(html).toContain('href="https://example.org/account?rt=a.b.c&amp;x=1"');
    expect(html).toContain('Ann &lt;b&gt;');
    expect(text).toContain('<https://example.org/account?rt=a.b.c&x=1>');
    expect(text.replace(/\s+/g, ' ')).toContain('It works once, and expires in 10 minutes');
  });
});
