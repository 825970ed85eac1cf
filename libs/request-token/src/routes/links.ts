import { RequestTokenException } from '../common/exception.js';
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

export interface LinkSettings {
  readonly baseUrl: URL;
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
    const url = isPath ? parse(target, this.base.origin) : parse(target);
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
  withToken({ address, query, fragment }: LinkParts, jwt: string): string {
    const others = query && this.others(query);
    return `${address}?${this.settings.parameter}=${jwt}${others && `&${others}`}${fragment}`;
  }

  /**
   * The token in a link, or the text itself if it is no link; undefined for a link without a token.
   *
   * @throws RequestTokenException `token_malformed` for a link with several, or with one that is spoilt
   */
  tokenIn(jwtOrUrl: string): string | undefined {
    const text = jwtOrUrl.trim();
    if (!/[/?]/.test(text)) return text;
    const query = [...(parse(text, this.settings.baseUrl.href)?.searchParams ?? [])];
    const tokens = new Set(
      query.filter(([name]) => name === this.settings.parameter).map(([, value]) => value),
    );
    const isSpoilt = tokens.size === 0 && query.some(([name]) => isSpoiltName(name, this.settings.parameter));
    if (tokens.size > 1 || isSpoilt) throw new RequestTokenException('token_malformed');
    return [...tokens][0];
  }

  /** Kept, because a mailing asks for it with each of its links. */
  private get base(): Base {
    return (this.made ??= baseOf(this.settings.baseUrl));
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

interface Base {
  origin: string;
  /** Without a slash at its end. */
  path: string;
}

const baseOf = ({ origin, pathname }: URL): Base => ({ origin, path: pathname.replace(/\/+$/, '') });

function parse(url: string, base?: string): URL | undefined {
  return URL.canParse(url, base) ? new URL(url, base) : undefined;
}
