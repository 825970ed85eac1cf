import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redactRequestTokens } from './redact.js';

const HEADER = 'eyJhbGciOiJIUzI1NiIsInR5cCI6InJlcXVlc3QtdG9rZW4rand0In0';
const PAYLOAD = 'eyJqdGkiOiIwMTg5MGE1ZCJ9';
const SIGNATURE = '-Wk_9rZW8eRHkeVQVEtHbLbBRNGSyYlqOvEzuH_DY-';
const JWT = `${HEADER}.${PAYLOAD}.${SIGNATURE}`;

describe('redactRequestTokens', () => {
  it.each([
    [JWT, '[token]'],
    [`/list?rt=${JWT}`, '/list?rt=[token]'],
    [`/list?rt=${JWT}&page=2#top`, '/list?rt=[token]&page=2#top'],
    [`/open/${JWT}/now`, '/open/[token]/now'],
    [`Bearer ${JWT}`, 'Bearer [token]'],
    [`{"rt":"${JWT}"}`, '{"rt":"[token]"}'],
    [`${JWT} ${JWT}\n${JWT}`, '[token] [token]\n[token]'],
    [`(${JWT})`, '([token])'],
  ])('takes the JWTs out of a text, and nothing else: %.30s', (text, expected) => {
    expect(redactRequestTokens(text)).toBe(expected);
  });

  it.each([
    ['cut off in its signature', JWT.slice(0, -10)],
    ['cut off before its signature', `${HEADER}.${PAYLOAD}.`],
  ])('takes out a JWT that is %s', (_, text) => {
    expect(redactRequestTokens(text)).toBe('[token]');
  });

  it.each([
    ['an escaped equals sign', `/go?to=https%3A%2F%2Fexample.com%2F%3Frt%3D${JWT}`],
    ['an escaped slash', `/go/list%2F${JWT}`],
    ['an escaped blank', `/go/list%20${JWT}`],
    ['a letter', `token_${JWT}`],
    ['half an escaped letter', `/list%4${JWT}`],
    ['half an escaped dot', `/list%2${JWT}`],
    ['another JWT and a dot', `eyJhIjoxfQ.e30.${JWT}`],
  ])('takes out a JWT that stands behind %s', (_, text) => {
    expect(redactRequestTokens(text)).not.toContain(SIGNATURE.slice(0, -1));
    expect(redactRequestTokens(text)).not.toContain(PAYLOAD);
  });

  it('takes a JWT out, whatever stands before and behind it', () => {
    const around = fc.string({ unit: 'binary-ascii', maxLength: 10 });
    fc.assert(
      fc.property(around, around, (before, behind) => {
        expect(redactRequestTokens(`${before}${JWT}${behind}`)).not.toContain(PAYLOAD);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['its dots', JWT.replaceAll('.', '%2E')],
    ['its dots, in lower case', JWT.replaceAll('.', '%2e')],
    ['its first letter', JWT.replace('eyJ', '%65yJ')],
    ['its header', JWT.replaceAll('eyJ', '%65%79%4a')],
    ['a hyphen and an underscore', JWT.replaceAll('-', '%2D').replaceAll('_', '%5F')],
    ['its dots, twice', JWT.replaceAll('.', '%252E')],
    ['its first letter, three times', JWT.replace('eyJ', '%252565yJ')],
    ['every character', JWT.replace(/./g, (each) => `%${each.charCodeAt(0).toString(16)}`)],
  ])('takes out a JWT of which %s is percent-encoded', (_, jwt) => {
    expect(redactRequestTokens(`/list?rt=${jwt}&page=2`)).toBe('/list?rt=[token]&page=2');
    expect(redactRequestTokens(`/list?a=b%2E${jwt}#top`)).toBe('/list?a=b%2E[token]#top');
  });

  it('leaves no token in a link that works, however it is encoded, and wherever the link stands', () => {
    const encodeAs = fc.array(fc.constantFrom('', '', 'lower', 'upper'), { minLength: 1, maxLength: 9 });
    const surroundings = fc.constantFrom<(link: string) => string>(
      (link) => link,
      (link) => `GET ${link}&a=%7e HTTP/1.1`,
      (link) => JSON.stringify({ url: link }),
      (link) => `/login?next=${encodeURIComponent(link)}`,
      (link) => `/go?to=${encodeURIComponent(`/login?next=${encodeURIComponent(link)}`)}`,
    );
    fc.assert(
      fc.property(encodeAs, surroundings, (how, surround) => {
        const encoded = [...JWT]
          .map((character, index) => {
            const hex = `%${character.charCodeAt(0).toString(16)}`;
            const as = how[index % how.length];
            return as === '' ? character : as === 'lower' ? hex : hex.toUpperCase();
          })
          .join('');
        // It works: this is what every parser makes of it.
        expect(new URL(`https://example.com/list?rt=${encoded}`).searchParams.get('rt')).toBe(JWT);
        let left = redactRequestTokens(surround(`/list?rt=${encoded}`));
        for (let depth = 0; depth < 4; depth++) {
          expect(left).not.toContain(PAYLOAD);
          expect(left).not.toContain(SIGNATURE.slice(1, -1));
          left = left.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['escapes of escapes', `%${'25'.repeat(200_000)}`],
    ['many of them', '%25'.repeat(200_000)],
    ['headers', 'eyJ'.repeat(200_000)],
    ['encoded headers', '%65%79%4A.'.repeat(100_000)],
    ['dots', `eyJ${'%2E'.repeat(200_000)}`],
  ])("takes time in proportion to a text of %s, which is an attacker's", (_, text) => {
    // Quadratic time would be minutes.
    redactRequestTokens(`eyJ ${text}`);
  });

  it.each([
    '',
    '/unsubscribe?list=7',
    '/a%2Eb%2Ec?d=%65%79%4A',
    '%65yJ',
    'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'eyJ',
    'hey.jude.mp3',
    '1.2.3.4',
    'www.example.com',
    `${HEADER} ${PAYLOAD}`,
  ])('leaves other texts as they are: %s', (text) => {
    expect(redactRequestTokens(text)).toBe(text);
  });

  it('takes the JWT out of a URL, and leaves the URL that it was given as it was', () => {
    const url = new URL(`https://example.com/list?page=2&rt=${JWT}#top`);
    const redacted = redactRequestTokens(url);
    expect(redacted).toBeInstanceOf(URL);
    expect(redacted.href).toBe('https://example.com/list?page=2&rt=[token]#top');
    expect(url.searchParams.get('rt')).toBe(JWT);
  });

  it.each([[undefined], [null], [7], [['a text']], [{}]])('leaves %j alone, as loggers have it', (value) => {
    expect(redactRequestTokens(value as unknown as string)).toBe(value);
  });
});
