import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type LinkParts, type LinkPlace, Links } from './links.js';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiIxIn0.abc-_123';
const FRONTENDS = ['https://app.example.com', 'http://localhost:5173', 'https://xn--bcher-kva.example'];
const linksOn = (baseUrl: string, parameter: string) =>
  new Links({ baseUrl: new URL(baseUrl), frontends: FRONTENDS, parameter });

const links = linksOn('https://example.com', 'rt');
const below = linksOn('https://example.com/app/', 'rt');

/** A link that has no token yet. */
const href = ({ address, query, fragment }: LinkParts): string => address + (query && `?${query}`) + fragment;

const target = (text: string, of = links): [path: string, url: string] => {
  const { path, url } = of.target(text);
  return [path, href(url)];
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
        let url: LinkParts;
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
      const some = linksOn(base, 'rt');
      expect(href(some.target('/list').url)).toBe('https://example.com/app/list');
      expect(href(some.root())).toBe('https://example.com/app/');
    },
  );
});

describe('Links: the link', () => {
  it.each([
    ['https://example.com', 'https://example.com/'],
    ['https://example.com/app', 'https://example.com/app/'],
    ['http://localhost:3000', 'http://localhost:3000/'],
  ])('of a token without a target is the base URL: %s', (base, root) => {
    expect(href(linksOn(base, 'rt').root())).toBe(root);
  });

  it('of a token without a target is on the host of the base URL, be there a slash too many', () => {
    const root = linksOn('https://example.com//app', 'rt').root();
    expect(new URL(href(root)).host).toBe('example.com');
  });

  it.each([
    ['/list', `https://example.com/list?rt=${JWT}`],
    ['/list?page=2&sort=name', `https://example.com/list?rt=${JWT}&page=2&sort=name`],
    ['/list#top', `https://example.com/list?rt=${JWT}#top`],
    ['/list?tag=a&tag=b', `https://example.com/list?rt=${JWT}&tag=a&tag=b`],
    ['/list?utm_source=mail&fbclid=1', `https://example.com/list?rt=${JWT}&utm_source=mail&fbclid=1`],
  ])('has the JWT in the parameter and keeps everything else: %s', (text, link) => {
    expect(links.withToken(links.target(text).url, JWT)).toBe(link);
  });

  it('keeps the values of other parameters, however they are written', () => {
    const { searchParams } = new URL(links.withToken(links.target('/?a=1%262&b=+%2B&c=é&d').url, JWT));
    expect([...searchParams]).toEqual([
      ['rt', JWT],
      ['a', '1&2'],
      ['b', ' +'],
      ['c', 'é'],
      ['d', ''],
    ]);
  });

  it('has one token only: a parameter of that name is replaced, and so are several', () => {
    const link = links.withToken(links.target('/list?rt=old&page=2&rt=older').url, JWT);
    expect(new URL(link).searchParams.getAll('rt')).toEqual([JWT]);
    expect(new URL(link).searchParams.get('page')).toBe('2');
  });

  it('keeps other parameters to the letter, an empty one and a double one, too', () => {
    const { url } = links.target('/list?a=%7e+~&&b=%C3%A9&b&%72t=old&A=1#x');
    expect(links.withToken(url, JWT)).toBe(`https://example.com/list?rt=${JWT}&a=%7e+~&&b=%C3%A9&b&A=1#x`);
  });

  it('uses the configured parameter', () => {
    const other = linksOn('https://example.com', 'token');
    expect(other.withToken(other.target('/list?rt=1').url, JWT)).toBe(
      `https://example.com/list?token=${JWT}&rt=1`,
    );
  });

  it('leaves the URL that it was given as it was', () => {
    const { url } = links.target('/list');
    links.withToken(url, JWT);
    expect(href(url)).toBe('https://example.com/list');
  });
});

describe('Links: a page', () => {
  const link = (page: string, place?: LinkPlace, of = links) => of.withToken(of.page(page), JWT, place);

  it.each([
    ['/unsubscribe', `https://example.com/app/unsubscribe?rt=${JWT}`],
    ['https://example.com/unsubscribe?a=1', `https://example.com/unsubscribe?rt=${JWT}&a=1`],
    ['https://app.example.com', `https://app.example.com/?rt=${JWT}`],
    ['https://app.example.com/a/b?x=1&y=%7e+', `https://app.example.com/a/b?rt=${JWT}&x=1&y=%7e+`],
    ['HTTPS://APP.example.com:443/list#top', `https://app.example.com/list?rt=${JWT}#top`],
    ['http://localhost:5173/#/unsubscribe', `http://localhost:5173/?rt=${JWT}#/unsubscribe`],
    ['https://bücher.example/x', `https://xn--bcher-kva.example/x?rt=${JWT}`],
    ['https://app.example.com/?rt=its-own&rt=other&x=1', `https://app.example.com/?rt=${JWT}&x=1`],
  ])('is a path below the base URL, or a URL of its origin or a front end: %s', (page, expected) => {
    expect(link(page, 'query', below)).toBe(expected);
    expect(below.tokenIn(expected)).toBe(JWT);
  });

  it.each([
    ['https://app.example.com/list', `https://app.example.com/list#rt=${JWT}`],
    ['https://app.example.com/list?a=1', `https://app.example.com/list?a=1#rt=${JWT}`],
    ['https://app.example.com/list?rt=its-own&a=1', `https://app.example.com/list?a=1#rt=${JWT}`],
    ['https://app.example.com/#rt=its-own&b=2', `https://app.example.com/#rt=${JWT}&b=2`],
    ['https://app.example.com/list#top', `https://app.example.com/list#rt=${JWT}&top`],
    ['https://app.example.com/#/list', `https://app.example.com/#/list?rt=${JWT}`],
    ['https://app.example.com/#!/list', `https://app.example.com/#!/list?rt=${JWT}`],
    ['https://app.example.com/#/list?rt=old&b=2', `https://app.example.com/#/list?rt=${JWT}&b=2`],
    ['/list', `https://example.com/list#rt=${JWT}`],
  ])('may have the token in its fragment, beside what stands there: %s', (page, expected) => {
    expect(link(page, 'fragment')).toBe(expected);
    expect(links.tokenIn(expected)).toBe(JWT);
  });

  it.each<unknown>([
    'https://evil.com/',
    'http://app.example.com/',
    'https://app.example.com:8443/',
    'https://app.example.com.evil.com/',
    'https://app.example.com@evil.com/',
    'https://user@app.example.com/',
    'https://sub.app.example.com/',
    '//app.example.com/',
    '//evil.com',
    '/\\evil.com',
    '/\t/evil.com',
    'https://app.example.com//evil.com',
    '/a/..//evil.com',
    'javascript:alert(1)',
    'blob:https://app.example.com/x',
    'app.example.com',
    '?a=1',
    '#rt',
    '',
    42,
    null,
    {},
  ])('is refused if it is anything else: %j', (page) => {
    expect(() => links.page(page as string)).toThrow(TypeError);
    expect(() => links.page(page as string)).toThrow(/^page must /);
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
    ['a fragment', `#rt=${JWT}`],
    ['a link of a front end', `https://app.example.com/list?rt=${JWT}#/list`],
    ['the fragment of a link', `https://app.example.com/list?a=1#rt=${JWT}&b=2`],
    ['the fragment of a link to a hash router', `https://app.example.com/#/list?rt=${JWT}&b=2?`],
    ['the fragment of a link to another hash router', `https://app.example.com/#!/list?rt=${JWT}`],
    ['the query, where the fragment has one that is older', `https://example.com/?rt=${JWT}#rt=old`],
  ])('is found in %s', (_, text) => {
    expect(links.tokenIn(text)).toBe(JWT);
  });

  it.each([
    ['a link without a query', 'https://example.com/list'],
    ['a link with another parameter', `https://example.com/list?token=${JWT}`],
    ['a link with another parameter behind the hash', `https://example.com/list#token=${JWT}`],
    ['a path', '/list'],
    ['a path and an anchor', '/list#top'],
    ['something like a link', 'https://[?rt='],
  ])('is not found in %s', (_, text) => {
    expect(links.tokenIn(text)).toBeUndefined();
  });

  it.each([
    '/list?a=1&amp;rt=x',
    '/list?a=1&amp%3Brt=x',
    '/list?rt%3Dx',
    'https://example.com/?RT=x',
    'https://app.example.com/#rt%3Dx',
    'https://app.example.com/#rt=x&rt=y',
  ])('is malformed in a link that a mail program has spoilt: %s', (text) => {
    expect(() => links.tokenIn(text)).toThrow(expect.objectContaining({ code: 'token_malformed' }));
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

describe('Links: the address of a request without its token', () => {
  it.each([
    [`/list?rt=${JWT}`, '/app/list'],
    [`/list?a=%7e+&rt=${JWT}&b`, '/app/list?a=%7e+&b'],
    [`/list?%72t=${JWT}&a=1?2`, '/app/list?a=1?2'],
    ['/a%2Fb/%C3%A9', '/app/a%2Fb/%C3%A9'],
    ['/', '/app/'],
  ])(
    'is below the base URL, on whatever host it was sent to, and the same to the letter: %s',
    (url, address) => {
      expect(below.withoutToken(url)).toBe(address);
    },
  );

  it.each([
    ['two slashes in front', '//evil.com/list'],
    ['a backslash', '/\\x/sign-in'],
    ['dot segments', '/any/..//x'],
    ['escaped dot segments', '/any/%2e%2E/x'],
    ['a dot at its end', '/any/.'],
    ['a fragment', '/any#x'],
    ['a blank', '/a b'],
    ['bytes that are no ASCII', '/\u00e9'],
    ['no slash at its beginning', 'http://example.com;/x'],
  ])('is refused for a path with %s: a browser would go somewhere else', (_, path) => {
    expect(() => below.withoutToken(`${path}?rt=${JWT}`)).toThrow(TypeError);
  });
});
