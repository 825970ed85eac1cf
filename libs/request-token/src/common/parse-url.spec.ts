import { describe, expect, it } from '@jest/globals';
import { parseUrl } from './parse-url.js';

describe('parseUrl', () => {
  it('knows a host in another alphabet, however often it is asked', () => {
    const wrong = Array.from({ length: 200_000 }, () => parseUrl('https://bücher.example/')).filter(
      (url) => url?.host !== 'xn--bcher-kva.example',
    );
    expect(wrong).toEqual([]);
  });

  it('takes a base', () => {
    expect(parseUrl('/bücher', 'https://example.com')?.href).toBe('https://example.com/b%C3%BCcher');
    expect(parseUrl('/', new URL('https://example.com/portal'))?.href).toBe('https://example.com/');
  });

  it.each(['', 'example.com', '/path', 'https://', 'https://a b.example'])('gives nothing for %j', (text) => {
    expect(parseUrl(text)).toBeUndefined();
  });
});
