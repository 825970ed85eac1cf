import querystring from 'node:querystring';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isSamePath, Links, plainQueryValue, requestPath } from './links.js';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiIxIn0.abc-_123';
const links = new Links(new URL('https://example.com'), 'rt');
const below = new Links(new URL('https://example.com/app/'), 'rt');

const target = (text: string, of = links): [path: string, url: string] => {
  const { path, url } = of.target(text);
  return [path, url.href];
};

describe('Links: a target', () => {
  it.each([
    ['/', '/', 'https://example.com/'],
    ['/unsubscribe', '/unsubscribe', 'https://example.com/unsubscribe'],
    ['/unsubscribe/', '/unsubscribe/', 'https://example.com/unsubscribe/'],
    ['/list/7?page=2&rt=x', '/list/7', 'https://example.com/list/7?page=2&rt=x'],
    ['/list#top', '/list', 'https://example.com/list#top'],
    ['/list?page=2#top', '/list', 'https://example.com/list?page=2#top'],
    ['/a b/é', '/a%20b/%C3%A9', 'https://example.com/a%20b/%C3%A9'],
    ['/a%2Fb', '/a%2Fb', 'https://example.com/a%2Fb'],
    ['/javascript:alert(1)', '/javascript:alert(1)', 'https://example.com/javascript:alert(1)'],
    ['/?next=https://evil.com', '/', 'https://example.com/?next=https://evil.com'],
  ])('is a path: %s', (text, path, url) => {
    expect(target(text)).toEqual([path, url]);
  });

  it.each([
    ['https://example.com', '/', 'https://example.com/'],
    ['https://example.com/list?page=2#top', '/list', 'https://example.com/list?page=2#top'],
    ['https://example.com:443/list', '/list', 'https://example.com/list'],
    ['HTTPS://EXAMPLE.com/list', '/list', 'https://example.com/list'],
  ])("is a URL of the base URL's origin: %s", (text, path, url) => {
    expect(target(text)).toEqual([path, url]);
  });

  it.each([
    'https://evil.com/list',
    'http://example.com/list',
    'https://example.com:8443/list',
    'https://example.com.evil.com/',
    'https://example.com@evil.com/',
    'https://sub.example.com/',
    'https://evil.com/https://example.com/',
    '//evil.com',
    '//evil.com/list',
    '///evil.com',
    '/\\evil.com',
    '\\\\evil.com',
    '/\t/evil.com',
    '/\n/evil.com',
    '/\r\\evil.com',
    '//example.com:8443/list',
  ])('is refused if it leads to another origin: %j', (text) => {
    expect(() => links.target(text)).toThrow(TypeError);
    expect(() => links.target(text)).toThrow(
      "target must be a path that starts with '/', or a URL of https://example.com",
    );
  });

  it.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'blob:https://example.com/x',
    'mailto:ann@example.com',
    'ftp://example.com/',
    'file:///etc/passwd',
    'about:blank',
  ])('is refused if its scheme is another: %j', (text) => {
    expect(() => links.target(text)).toThrow(TypeError);
  });

  it.each([
    'https://user@example.com/',
    'https://user:password@example.com/',
    'https://:password@example.com/',
    '//user@example.com/list',
  ])('is refused if it has credentials: %s', (text) => {
    expect(() => links.target(text)).toThrow(TypeError);
  });

  it.each<unknown>([
    '',
    ' ',
    'unsubscribe',
    './list',
    '../list',
    '?page=2',
    '#top',
    ' /list',
    'https://',
    42,
    null,
    {},
  ])('is refused if it is neither path nor URL: %j', (text) => {
    expect(() => links.target(text as string)).toThrow(TypeError);
  });

  it.each([
    ['/a/../b', '/b'],
    ['/a/./b', '/a/b'],
    ['/a/%2e%2E/b', '/b'],
    ['/../../b', '/b'],
    ['/a\\..\\b', '/b'],
    ['/a/..', '/'],
  ])('has its dot segments resolved, and none of them leads out: %s', (text, path) => {
    expect(target(text)).toEqual([path, `https://example.com${path}`]);
    expect(target(text, below)).toEqual([path, `https://example.com/app${path}`]);
  });

  it.each(['/.//evil.com', '/a/..//evil.com', '/a/../\\evil.com', 'https://example.com//evil.com'])(
    'is refused if its path would name another host where it is used as a URL: %s',
    (text) => {
      expect(() => links.target(text)).toThrow(TypeError);
    },
  );

  it('never leads out of the base URL, whatever it is', () => {
    const part = fc.oneof(
      fc.constantFrom(
        '/',
        '\\',
        '..',
        '.',
        '%2e',
        '@',
        ':',
        '?',
        '#',
        'https:',
        'evil.com',
        'example.com',
        '\t',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const text = parts.join('');
        let url: URL;
        try {
          ({ url } = below.target(text));
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        expect(below.withToken(url, JWT)).toMatch(/^https:\/\/example\.com\/app\//);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('Links: a base URL with a path', () => {
  it.each([
    ['/list?page=2#top', '/list', 'https://example.com/app/list?page=2#top'],
    ['/', '/', 'https://example.com/app/'],
    ['/app/list', '/app/list', 'https://example.com/app/app/list'],
  ])('puts it before a target that is a path: %s', (text, path, url) => {
    expect(target(text, below)).toEqual([path, url]);
  });

  it.each([
    ['https://example.com/app/list', '/list', 'https://example.com/app/list'],
    ['https://example.com/app/', '/', 'https://example.com/app/'],
  ])('takes it off the path of a target that is a URL: %s', (text, path, url) => {
    expect(target(text, below)).toEqual([path, url]);
  });

  it.each([
    'https://example.com/',
    'https://example.com/list',
    'https://example.com/application',
    'https://example.com/app/../list',
    'https://example.com/app/%2e%2e/list',
  ])('refuses a URL that is not below it: %s', (text) => {
    expect(() => below.target(text)).toThrow(
      new TypeError('target must be a URL below https://example.com/app/'),
    );
  });

  it.each(['https://example.com/app', 'https://example.com/app/', 'https://example.com/app//'])(
    'makes no difference between one slash, several or none at its end: %s',
    (base) => {
      const some = new Links(new URL(base), 'rt');
      expect(some.target('/list').url.href).toBe('https://example.com/app/list');
      expect(some.root().href).toBe('https://example.com/app/');
    },
  );
});

describe('Links: the link', () => {
  it.each([
    ['https://example.com', 'https://example.com/'],
    ['https://example.com/app', 'https://example.com/app/'],
    ['http://localhost:3000', 'http://localhost:3000/'],
  ])('of a token without a target is the base URL: %s', (base, root) => {
    expect(new Links(new URL(base), 'rt').root().href).toBe(root);
  });

  it('of a token without a target is on the host of the base URL, be there a slash too many', () => {
    expect(new Links(new URL('https://example.com//app'), 'rt').root().host).toBe('example.com');
  });

  it.each([
    ['/list', `https://example.com/list?rt=${JWT}`],
    ['/list?page=2&sort=name', `https://example.com/list?page=2&sort=name&rt=${JWT}`],
    ['/list#top', `https://example.com/list?rt=${JWT}#top`],
    ['/list?tag=a&tag=b', `https://example.com/list?tag=a&tag=b&rt=${JWT}`],
    ['/list?utm_source=mail&fbclid=1', `https://example.com/list?utm_source=mail&fbclid=1&rt=${JWT}`],
  ])('has the JWT in the parameter and keeps everything else: %s', (text, link) => {
    expect(links.withToken(links.target(text).url, JWT)).toBe(link);
  });

  it('keeps the values of other parameters, however they are written', () => {
    const { searchParams } = new URL(links.withToken(links.target('/?a=1%262&b=+%2B&c=é&d').url, JWT));
    expect([...searchParams]).toEqual([
      ['a', '1&2'],
      ['b', ' +'],
      ['c', 'é'],
      ['d', ''],
      ['rt', JWT],
    ]);
  });

  it('has one token only: a parameter of that name is replaced, and so are several', () => {
    const link = links.withToken(links.target('/list?rt=old&page=2&rt=older').url, JWT);
    expect(new URL(link).searchParams.getAll('rt')).toEqual([JWT]);
    expect(new URL(link).searchParams.get('page')).toBe('2');
  });

  it('uses the configured parameter', () => {
    const other = new Links(new URL('https://example.com'), 'token');
    expect(other.withToken(other.target('/list?rt=1').url, JWT)).toBe(
      `https://example.com/list?rt=1&token=${JWT}`,
    );
  });

  it('leaves the URL that it was given as it was', () => {
    const { url } = links.target('/list');
    links.withToken(url, JWT);
    expect(url.href).toBe('https://example.com/list');
  });
});

describe('Links: the token in a text', () => {
  it.each([
    ['a JWT', JWT],
    ['a JWT with blanks around it', `\n  ${JWT}\r\n`],
    ['a link', `https://example.com/list?rt=${JWT}`],
    ['a link with blanks around it', ` https://example.com/list?rt=${JWT}\n`],
    ['a link with other parameters', `https://example.com/list?page=2&rt=${JWT}&utm_source=mail#top`],
    ['a link of another host, such as a test system', `https://staging.example.com/list?rt=${JWT}`],
    ['path and query', `/list?rt=${JWT}`],
    ['a query', `?rt=${JWT}`],
  ])('is found in %s', (_, text) => {
    expect(links.tokenIn(text)).toBe(JWT);
  });

  it.each([
    ['a link without a query', 'https://example.com/list'],
    ['a link with another parameter', `https://example.com/list?token=${JWT}`],
    ['a link with the JWT behind the hash', `https://example.com/list#rt=${JWT}`],
    ['a path', '/list'],
    ['something like a link', 'https://[?rt='],
  ])('is not found in %s', (_, text) => {
    expect(links.tokenIn(text)).toBeUndefined();
  });

  it('is the text itself if that is no link, and whoever reads it will refuse it', () => {
    expect(links.tokenIn('junk')).toBe('junk');
    expect(links.tokenIn('')).toBe('');
  });

  it('is what withToken has put there', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.webQueryParameters(), (path, query) => {
        const { url } = below.target(`/x${path}?${query}`);
        expect(below.tokenIn(below.withToken(url, JWT))).toBe(JWT);
      }),
    );
  });
});

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

  it.each(['http://example.com/list?page=2', 'https://user@evil.com:8080/list', 'HTTP://EXAMPLE.COM/list'])(
    'reads a request target in absolute form as the frameworks do: %s',
    (requestUrl) => {
      expect(requestPath(requestUrl)).toBe('/list');
    },
  );

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
    expect(isSamePath('/users/1/files', requestPath(requestUrl))).toBe(false);
  });
});

describe('isSamePath', () => {
  it.each([
    ['/list', '/list'],
    ['/a b', '/a%20b'],
    ['/%61', '/a'],
    ['/%c3%a9', '/%C3%A9'],
    ['/é', '/%C3%A9'],
    ["/it's", '/it%27s'],
    ['/a%2fb', '/a%2Fb'],
    ['/100%', '/100%'],
  ])('takes %s and %s for one, because only the escaping differs', (one, other) => {
    expect(isSamePath(one, other)).toBe(true);
    expect(isSamePath(other, one)).toBe(true);
  });

  it.each([
    ['/list', '/list/'],
    ['/list', '/List'],
    ['/a/b', '/a%2Fb'],
    ['/a//b', '/a/b'],
    ['/a', '//a'],
    ['/a%2520', '/a%20'],
    ['/a+b', '/a%20b'],
    ['/users/1', '/users/2/../1'],
    ['/users/1', '/users/2/%2e%2e/1'],
    ['/a%5Cb', '/a/b'],
    ['/%', '/%25'],
    ['/é', '/e\u0301'],
    ['/a', '/a%00'],
    ['', '/'],
  ])('takes %s and %s for two', (one, other) => {
    expect(isSamePath(one, other)).toBe(false);
    expect(isSamePath(other, one)).toBe(false);
  });

  it('never fails', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.webPath());
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(isSamePath(one, other)).toBe(isSamePath(other, one));
        expect(isSamePath(one, one)).toBe(true);
      }),
    );
  });

  it('recognizes the path of every link that was made', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.string({ unit: 'grapheme' }), (path, segment) => {
        const made = below.target(`/x${path}/${encodeURIComponent(segment)}`);
        expect(isSamePath(made.path, requestPath(made.url.pathname.slice('/app'.length)))).toBe(true);
      }),
    );
  });
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
    ['it is there twice, once in disguise', '/list?rt=1&%72t=2'],
    ['it is there twice, once as an array', '/list?rt=1&rt[]=2'],
    ['something is escaped', '/list?rt=1&q=a%20b'],
    ['something is escaped by a plus sign', '/list?q=a+b&rt=1'],
    ['there is a second question mark', '/list?q=1?rt=2'],
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
