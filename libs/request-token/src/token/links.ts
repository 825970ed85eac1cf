import { RequestTokenException } from '../request-token.exception.js';

/** A target as it is kept: the path that requests are compared with, and the link it becomes. */
export interface Target {
  path: string;
  url: URL;
}

/** Builds links on the configured base URL, and reads tokens back out of them. */
export class Links {
  private readonly basePath: string;

  constructor(
    private readonly baseUrl: URL,
    private readonly parameter: string,
  ) {
    this.basePath = baseUrl.pathname.replace(/\/+$/, '');
  }

  /**
   * @param target a path, or an absolute URL of the base URL's origin
   * @throws TypeError if it is anything else, so that no token is ever sent to another site
   */
  target(target: string): Target {
    const isPath = typeof target === 'string' && target.startsWith('/');
    const url = isPath ? parse(target, this.baseUrl.origin) : parse(target);
    if (url?.origin !== this.baseUrl.origin || url.username !== '' || url.password !== '') {
      throw new TypeError(`target must be a path that starts with '/', or a URL of ${this.baseUrl.origin}`);
    }
    // Where a path is used as a URL, two slashes would make a host of what follows.
    if (url.pathname.startsWith('//')) throw new TypeError('target must not begin with two slashes');
    if (isPath) {
      const path = url.pathname;
      url.pathname = this.basePath + path;
      return { path, url };
    }
    if (!url.pathname.startsWith(`${this.basePath}/`)) {
      throw new TypeError(`target must be a URL below ${this.baseUrl.href}`);
    }
    return { path: url.pathname.slice(this.basePath.length), url };
  }

  /** The link of a token without a target. */
  root(): URL {
    const url = new URL(this.baseUrl);
    url.pathname = `${this.basePath}/`;
    return url;
  }

  /** The address of a request, on the base URL, without the token in it. */
  withoutToken(requestUrl: string): string {
    const query = new URLSearchParams(requestUrl.split('?').slice(1).join('?'));
    query.delete(this.parameter);
    const { url } = this.target(requestPath(requestUrl).replace(/^\/+/, '/'));
    url.search = query.toString();
    return url.href;
  }

  withToken(url: URL, jwt: string): string {
    const link = new URL(url);
    link.searchParams.set(this.parameter, jwt);
    return link.href;
  }

  /**
   * The token in a link, or the text itself if it is no link; undefined for a link without a token.
   *
   * @throws RequestTokenException `token_malformed` for a link with several
   */
  tokenIn(jwtOrUrl: string): string | undefined {
    const text = jwtOrUrl.trim();
    if (!/[/?]/.test(text)) return text;
    const tokens = new Set(parse(text, this.baseUrl.href)?.searchParams.getAll(this.parameter));
    if (tokens.size > 1) throw new RequestTokenException('token_malformed');
    return [...tokens][0];
  }
}

/**
 * The path of a request, as it was sent: routers resolve neither dot segments nor backslashes, which
 * `URL` does, and a token must not be good for a path that the router takes for another.
 *
 * @param requestUrl the request target (RFC 9112 section 3.2), as the HTTP server got it
 */
export function requestPath(requestUrl: string): string {
  const [target] = requestUrl.split(/[?#]/, 1);
  return target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/]*/i, '');
}

/** A query in which no parser can see anything else than what is written: nothing is escaped, nothing nested. */
const PLAIN_QUERY = /^[\w.~=&-]*$/;

/**
 * The value of a parameter that is in a query once; undefined if there is none, or several, or if it takes a
 * parser to tell.
 */
export function plainQueryValue(requestUrl: string, parameter: string): string | undefined {
  const query = requestUrl.slice(requestUrl.indexOf('?') + 1);
  if (!PLAIN_QUERY.test(query)) return undefined;
  const prefix = `${parameter}=`;
  const [first, ...others] = query.split('&').filter((pair) => pair.startsWith(prefix));
  return others.length === 0 ? first?.slice(prefix.length) : undefined;
}

/** Whether two paths name the same resource, however their characters are escaped (RFC 3986 section 6.2.2.2). */
export const isSamePath = (one: string, other: string): boolean =>
  one === other || normalize(one) === normalize(other);

const normalize = (path: string): string =>
  path
    .split('/')
    .map((segment) => {
      try {
        return encodeURIComponent(decodeURIComponent(segment));
      } catch {
        return segment;
      }
    })
    .join('/');

function parse(url: string, base?: string): URL | undefined {
  return URL.canParse(url, base) ? new URL(url, base) : undefined;
}
