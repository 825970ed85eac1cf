import { RequestTokenException } from '../common/exception.js';
import { parseUrl } from '../common/parse-url.js';
import { isPlainPath, isSpoiltName, nameOf } from './request-url.js';

/** A link without its token, in the parts between which that is put. */
export interface LinkParts {
  /** Origin and path. */
  address: string;
  /** Without its question mark. */
  query: string;
  /** With its hash, or empty. */
  fragment: string;
}

/** A target as it is kept: the path that requests are compared with, and the link it becomes. */
export interface Target {
  path: string;
  url: LinkParts;
}

/** Where in a link the token stands. A fragment is sent to no server, and stands in no Referer. */
export type LinkPlace = 'query' | 'fragment';

export interface LinkSettings {
  readonly baseUrl: URL;
  /** Origins, beside that of the base URL, that links may lead to. */
  readonly frontends: readonly string[];
  readonly parameter: string;
}

/** A browser resolves these before it asks (WHATWG URL, section 4.4), however they are written. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** Builds links on the configured base URL, and reads tokens back out of them. */
export class Links {
  private made?: Base;

  /** @param settings asked when they are needed, because links are built before they are read */
  constructor(private readonly settings: LinkSettings) {}

  /**
   * @param target a path, or an absolute URL of the base URL's origin
   * @throws TypeError if it is anything else, so that no token is ever sent to another site
   */
  target(target: string): Target {
    const isPath = typeof target === 'string' && target.startsWith('/');
    const url = isPath ? parseUrl(target, this.base.origin) : parseUrl(target);
    if (url?.origin !== this.base.origin || url.username !== '' || url.password !== '') {
      throw new TypeError(`target must be a path that starts with '/', or a URL of ${this.base.origin}`);
    }
    // Where a path is used as a URL, two slashes would make a host of what follows.
    if (url.pathname.startsWith('//')) throw new TypeError('target must not begin with two slashes');
    if (!isPath && !url.pathname.startsWith(`${this.base.path}/`)) {
      throw new TypeError(`target must be a URL below ${this.settings.baseUrl.href}`);
    }
    const path = isPath ? url.pathname : url.pathname.slice(this.base.path.length);
    return { path, url: this.at(path, url.search.slice(1), url.hash) };
  }

  /**
   * A page that leads to the route, such as one of a front end on another origin.
   *
   * @param page a path below the base URL, or an absolute URL of its origin, or of a front end's
   * @throws TypeError if it is anything else, so that no token is ever sent to another site
   */
  page(page: string): LinkParts {
    const isPath = typeof page === 'string' && page.startsWith('/');
    const url = isPath ? parseUrl(page, this.base.origin) : parseUrl(page);
    const origins = isPath ? [this.base.origin] : [this.base.origin, ...this.settings.frontends];
    // A `blob:` URL has the origin of its maker.
    const isOurs = url && /^https?:$/.test(url.protocol) && origins.includes(url.origin);
    if (!isOurs || url.username !== '' || url.password !== '') {
      throw new TypeError(
        `page must be a path that starts with '/', or a URL of ${origins.join(' or ')}; other origins are given to the module as frontends`,
      );
    }
    const { origin, pathname, search, hash } = url;
    if (pathname.startsWith('//')) throw new TypeError('page must not begin with two slashes');
    return isPath
      ? this.at(pathname, search.slice(1), hash)
      : { address: origin + pathname, query: search.slice(1), fragment: hash };
  }

  /** Whether a link, with its token in the query, is one of the route at this path. */
  leadsTo({ origin, pathname, search }: URL, path: string | null): boolean {
    return origin === this.base.origin && pathname === this.base.path + path && search !== '';
  }

  /** The link of a token without a target. */
  root(): LinkParts {
    return this.at('/');
  }

  /**
   * The address of a request without the token in it, for the browser that has asked: path and query below the base
   * URL's path, and no host. An app may have several, and a session belongs to the one that the reader is at.
   *
   * @param requestUrl path and query
   * @throws TypeError if no browser would ask for this path: it would go somewhere else
   */
  withoutToken(requestUrl: string): string {
    const [path, ...query] = requestUrl.split('?');
    if (!isPlainPath(path) || path.startsWith('//') || DOT_SEGMENT.test(path)) {
      throw new TypeError('a browser would not send this path as it is');
    }
    const others = this.others(query.join('?'));
    return `${this.base.path}${path}${others && `?${others}`}`;
  }

  /** The token comes first: what a mail program makes of the first `&` spoils only what stands behind it. */
  withToken({ address, query, fragment }: LinkParts, jwt: string, place: LinkPlace = 'query'): string {
    const others = query && this.others(query);
    const token = `${this.settings.parameter}=${jwt}`;
    if (place === 'query') return `${address}?${token}${others && `&${others}`}${fragment}`;
    const [route, params] = partsOfFragment(fragment);
    const otherParams = this.others(params);
    return `${address}${others && `?${others}`}#${route}${token}${otherParams && `&${otherParams}`}`;
  }

  /**
   * The token in a link, be it in its query or its fragment, or the text itself if it is no link; undefined for a link without a token.
   *
   * @throws RequestTokenException `token_malformed` for a link with several, or with one that is spoilt
   */
  tokenIn(jwtOrUrl: string): string | undefined {
    const text = jwtOrUrl.trim();
    if (!/[/?#]/.test(text)) return text;
    const url = parseUrl(text, this.settings.baseUrl.href);
    if (!url) return undefined;
    const [, params] = partsOfFragment(url.hash);
    return this.tokenAmong(url.searchParams) ?? this.tokenAmong(new URLSearchParams(params));
  }

  private tokenAmong(parameters: URLSearchParams): string | undefined {
    const { parameter } = this.settings;
    const tokens = new Set(parameters.getAll(parameter));
    const isSpoilt =
      tokens.size === 0 && [...parameters.keys()].some((name) => isSpoiltName(name, parameter));
    if (tokens.size > 1 || isSpoilt) throw new RequestTokenException('token_malformed');
    return [...tokens][0];
  }

  /** Kept, because a mailing asks for it with each of its links. */
  private get base(): Base {
    return (this.made ??= { origin: this.settings.baseUrl.origin, path: basePathOf(this.settings.baseUrl) });
  }

  private at(path: string, query = '', fragment = ''): LinkParts {
    return { address: this.base.origin + this.base.path + path, query, fragment };
  }

  /** The other parameters of a query, to the letter. */
  private others(query: string): string {
    if (query === '') return '';
    const pairs = query.split('&').filter((pair) => nameOf(pair) !== this.settings.parameter);
    return pairs.join('&');
  }
}

/**
 * What stands before the parameters of a fragment, and these. A front end that routes by the fragment
 * (`#/unsubscribe?list=weekly`, `#!/unsubscribe`) has a query of its own in it; any other has nothing else.
 */
function partsOfFragment(fragment: string): [route: string, params: string] {
  const text = fragment.replace(/^#/, '');
  if (!/^!?\//.test(text)) return ['', text];
  const [route, ...params] = text.split('?');
  return [`${route}?`, params.join('?')];
}

interface Base {
  origin: string;
  path: string;
}

/** The path that stands before every target: that of the base URL, without a slash at its end. */
export const basePathOf = ({ pathname }: URL): string => pathname.replace(/\/+$/, '');
