import { describe, expect, it } from '@jest/globals';
import { sanitizeMail } from './sanitize-mail.js';

describe('sanitizeMail', () => {
  it('keeps text and links', () => {
    expect(sanitizeMail('<h1>Hi</h1><p>See <a href="http://x/?rt=a.b.c">this</a></p>')).toBe(
      '<h3>Hi</h3><p>See <a href="http://x/?rt=a.b.c">this</a></p>',
    );
  });

  it('drops what runs, loads, restyles or is not part of the body', () => {
    const html =
      '<title>T</title><style>p{}</style><script>alert(1)</script><p style="color:red" onclick="x()">Hi</p>' +
      '<img src="http://x/pixel"><a href="javascript:alert(1)">x</a><form action="http://x"></form>';
    expect(sanitizeMail(html)).toBe('<p>Hi</p><a>x</a>');
  });
});
