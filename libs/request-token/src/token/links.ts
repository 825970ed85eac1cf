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
    return new URL(`${this.basePath}/`, this.baseUrl);
  }

  withToken(url: URL, jwt: string): string {
    const link = new URL(url);
    link.searchParams.set(this.parameter, jwt);
    return link.href;
  }

  /** The token in a link, or the text itself if it is no link; undefined for a link without a token. */
  tokenIn(jwtOrUrl: string): string | undefined {
    const text = jwtOrUrl.trim();
    if (!/[/?]/.test(text)) return text;
    return parse(text, this.baseUrl.href)?.searchParams.get(this.parameter) ?? undefined;
  }
}

/**
 * The path of a request.
 *
 * @param requestUrl the request target (RFC 9112 section 3.2), as the HTTP server got it
 */
export function requestPath(requestUrl: string): string {
  // The origin comes first, because a path may start with two slashes and then would be read as a host.
  const url = parse(requestUrl.startsWith('/') ? `http://localhost${requestUrl}` : requestUrl);
  return url?.pathname ?? requestUrl.split('?', 1)[0];
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
