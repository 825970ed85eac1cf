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
    '',
    '/unsubscribe?list=7',
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
});
