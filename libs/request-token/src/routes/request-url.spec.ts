import querystring from 'node:querystring';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  belowMount,
  isPlainPath,
  isSpoiltName,
  plainQueryValue,
  queryStart,
  requestPath,
} from './request-url.js';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiIxIn0.abc-_123';

describe('requestPath', () => {
  it.each([
    ['/list', '/list'],
    ['/list/', '/list/'],
    ['/list?page=2', '/list'],
    ['/list?next=/other?x', '/list'],
    ['/list?', '/list'],
    ['/', '/'],
    ['/?rt=x', '/'],
    ['/a%20b', '/a%20b'],
    ['/a%2Fb', '/a%2Fb'],
    ['//evil.com/list', '//evil.com/list'],
    ['//list', '//list'],
    ['/@evil.com', '/@evil.com'],
    ['/:8080/list', '/:8080/list'],
  ])('is the path of the request target %s', (requestUrl, path) => {
    expect(requestPath(requestUrl)).toBe(path);
  });

  it.each([
    'http://example.com/list?page=2',
    'https://evil.com:8080/list',
    'HTTP://EXAMPLE.COM/list',
    'http://[::1]:80/list',
  ])('reads a request target in absolute form as the frameworks do: %s', (requestUrl) => {
    expect(requestPath(requestUrl)).toBe('/list');
  });

  it.each(['*', '', '?', 'junk', 'http://[', 'http://[?rt=x', '[::1]:80', '%', '\0', 'a?b?c'])(
    'never fails, and never shows a query: %j',
    (requestUrl) => {
      expect(requestPath(requestUrl)).not.toContain('?');
    },
  );

  // Routers take dot segments and backslashes as they are: GET /users/2/../1/files is, to Express and to
  // Fastify, id 2 of /users/:id/*path. Were it /users/1/files here, a token for that would open it.
  it.each([
    '/users/2/../1/files',
    '/users/2/%2e%2e/1/files',
    '/users/2/.%2E/1/files',
    '/users/2\\..\\1/files',
    '/users/./1/files',
    '/admin/../users/1/files',
    '\\users/1/files',
    'http://example.com/users/2/../1/files',
  ])('is not another path than the one that the router sees: %s', (requestUrl) => {
    expect(requestPath(requestUrl)).not.toBe('/users/1/files');
  });

  it.each([
    ['a fragment', '/list#top'],
    ['credentials', 'https://user@evil.com:8080/list'],
    ['an authority in which a parser may see the path begin', 'http://evil.com;/list'],
    ['another scheme', 'javascript://evil.com/list'],
    ['characters that some parsers escape in absolute form', "http://example.com/it's"],
  ])('is the path of no link if it has %s, which parsers read in different ways', (_, requestUrl) => {
    expect(isPlainPath(requestPath(requestUrl))).toBe(false);
  });

  it('ends at a semicolon where the router begins the query there', () => {
    const url = '/list;a=1?rt=x';
    expect(requestPath(url, queryStart(url, true))).toBe('/list');
    expect(requestPath(url, queryStart(url))).toBe('/list;a=1');
    expect(requestPath('/list?a;b', queryStart('/list?a;b', true))).toBe('/list');
  });
});

describe('isPlainPath', () => {
  it.each(['/', '/list', '/a%2Fb;c', "/it's(1)|{2}^", '//list'])('is true for %s', (path) => {
    expect(isPlainPath(path)).toBe(true);
  });

  it.each(['', 'list', '*', '/a\\b', '/a#b', '/a b', '/a\tb', '/é', '/a\0', 'http://x/list'])(
    'is false for %j, which parsers read in different ways',
    (path) => {
      expect(isPlainPath(path)).toBe(false);
    },
  );
});

describe('belowMount', () => {
  it.each([
    ['/portal/list', '/portal', '/portal', '/list'],
    ['/portal/list', '/portal', '/intranet/portal', '/list'],
    ['/portal/nest/list', '/portal/nest', '/portal', '/nest/list'],
    ['/nest/list', '/nest', '/portal', '/nest/list'],
    ['/portal/list', '/portal', '/', '/portal/list'],
    ['/portal/list', '/portal', '/portals', '/portal/list'],
    ['/portals/list', '/portals', '/portal', '/portals/list'],
    ['/portal/portal/list', '/portal', '/portal', '/portal/list'],
    ['/portal', '/portal', '/portal', '/portal'],
  ])('takes off of %s, mounted at %s, what the base path %s ends with: %s', (path, mount, base, below) => {
    expect(belowMount(path, mount, base)).toBe(below);
  });
});

describe('isSpoiltName', () => {
  it.each([
    'amp;rt',
    'AMP;rt',
    'amp;amp;rt',
    ' rt',
    '?rt',
    'rt ',
    'RT',
    'rt=eyJ',
    'rt[]',
    'rt[0]',
    '[rt]',
    '[rt',
    '[rt][a]',
    'rt&a',
    ';rt',
  ])('recognizes %j', (name) => {
    expect(isSpoiltName(name, 'rt')).toBe(true);
  });

  it.each(['rt', 'art', 'rtx', 'part', 'amp;a', 'rt_source', 'rt-x', 'rt.x', 'a=rt', ''])(
    'leaves %j alone, which is a name of its own',
    (name) => {
      expect(isSpoiltName(name, 'rt')).toBe(false);
    },
  );
});

describe('plainQueryValue', () => {
  it.each([
    [`/list?rt=${JWT}`, JWT],
    [`/list?page=2&rt=${JWT}&utm_source=mail`, JWT],
    ['/list?rt=', ''],
    ['/list?rt=a=b', 'a=b'],
  ])('tells the value where there can be no doubt about it: %s', (url, value) => {
    expect(plainQueryValue(url, 'rt')).toBe(value);
  });

  it.each([
    ['there is no query', '/rt=1'],
    ['it is not there', '/list?page=2&part=1'],
    ['it has no value', '/list?rt'],
    ['it is there twice', '/list?rt=1&rt=2'],
    ['it is there twice, once without a value', '/list?rt=1&rt'],
    ['it is there twice, once in disguise', '/list?rt=1&%72t=2'],
    ['it is there twice, once as an array', '/list?rt=1&rt[]=2'],
    ['something is escaped', '/list?rt=1&q=a%20b'],
    ['something is escaped by a plus sign', '/list?q=a+b&rt=1'],
    ['there is a second question mark', '/list?q=1?rt=2'],
    ['a semicolon stands in the path, where some routers begin the query', '/list;a=1?rt=2'],
    ['a fragment begins before', '/list#?rt=2'],
  ])('leaves it to the parser when %s', (_, url) => {
    expect(plainQueryValue(url, 'rt')).toBeUndefined();
  });

  it('is what the parser of Express sees, too, whatever the query', () => {
    const part = fc.constantFrom('rt', 'RT', 'a', '=', '&', '?', '%72', '[]', '[x]', '+', '.', '1', ';', '#');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const query = parts.join('');
        const value = plainQueryValue(`/list?${query}`, 'rt');
        if (value === undefined) return;
        expect(querystring.parse(query).rt).toBe(value);
      }),
      { numRuns: 5_000 },
    );
  });
});
