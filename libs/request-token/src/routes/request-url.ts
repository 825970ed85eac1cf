import { decode } from './escaping.js';

/**
 * The path of a request target (RFC 9112 section 3.2), as it was sent: routers resolve neither dot segments nor
 * backslashes, which `URL` does, and a token must not be good for a path that the router takes for another.
 * What a parser could read in another way than it is written (a fragment, an odd authority) stays in it, so
 * that it is the path of no link.
 *
 * @param delimiter where the query begins; the end of the target if it has none
 */
export function requestPath(requestUrl: string, delimiter = queryStart(requestUrl)): string {
  const target = requestUrl.slice(0, delimiter);
  return target.startsWith('/') ? target : (ABSOLUTE_FORM.exec(target)?.[1] ?? target);
}

/** Of a host and a path in which no parser escapes anything. */
const ABSOLUTE_FORM = /^https?:\/\/(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?(\/[\w.~!$&()*+,;=:@%/-]*)$/i;

/** Where the query of a request target begins: at its first question mark, and at the first semicolon if asked to. */
export function queryStart(requestUrl: string, atSemicolon = false): number {
  const questionMark = requestUrl.indexOf('?');
  const end = questionMark === -1 ? requestUrl.length : questionMark;
  if (!atSemicolon) return end;
  const semicolon = requestUrl.indexOf(';');
  return semicolon === -1 ? end : Math.min(semicolon, end);
}

/** Visible ASCII, less what parsers take for something else: a backslash for a slash, say. */
const PLAIN_PATH = /^\/[!"$-[\]-~]*$/;

/** Whether every router sees this path as it is written. */
export const isPlainPath = (path: string): boolean => PLAIN_PATH.test(path);

/** A query in which no parser can see anything else than what is written: nothing is escaped, nothing nested. */
const PLAIN_QUERY = /^[\w.~=&-]*$/;

/**
 * The value of a parameter that is in a query once; undefined if there is none, or several, or if it takes a
 * parser to tell.
 */
export function plainQueryValue(requestUrl: string, parameter: string): string | undefined {
  const start = requestUrl.indexOf('?');
  const query = requestUrl.slice(start + 1);
  if (!PLAIN_QUERY.test(query)) return undefined;
  // Some routers begin the query there.
  if (requestUrl.lastIndexOf(';', start) !== -1 || requestUrl.lastIndexOf('#', start) !== -1)
    return undefined;
  const prefix = `${parameter}=`;
  const [first, ...others] = query.split('&').filter((pair) => pair.startsWith(prefix) || pair === parameter);
  return others.length === 0 && first !== parameter ? first?.slice(prefix.length) : undefined;
}

/** The name in a pair of a query, as parsers read it. */
export function nameOf(pair: string): string {
  const [name] = pair.split('=', 1);
  return /[%+]/.test(name) ? (decode(name.replaceAll('+', ' ')) ?? name) : name;
}

/** Whether a parameter is called by its name. Some parsers also take `[rt]` for `rt`, or whatever the app says. */
export const isNamed = (requestUrl: string, parameter: string): boolean =>
  requestUrl.split(/[?&;]/).some((pair) => nameOf(pair) === parameter);

/**
 * Whether this is a parameter's name as mail programs spoil it: `amp;rt` where `&` became `&amp;`, `rt=…` where
 * `=` was escaped, `rt[]`, `[rt]`, `RT`. Its value would have been the token.
 */
export function isSpoiltName(name: string, parameter: string): boolean {
  const core = name.toLowerCase().replace(SPOILT_START, '');
  const expected = parameter.toLowerCase();
  return name !== parameter && core.startsWith(expected) && SPOILT_END.test(core.slice(expected.length));
}

const SPOILT_START = /^(?:amp;|[?&;[\s])+/;
const SPOILT_END = /^(?:$|[=[\]\s;&])/;

/**
 * A path below the base URL, in an app that another one has mounted. What the base URL's path ends with is what
 * that other app has taken off; whatever stands before, a proxy.
 *
 * @param mount where the app is mounted, such as `/portal`
 * @param basePath the base URL's path, such as `/portal` or `/intranet/portal`
 */
export function belowMount(path: string, mount: string, basePath: string): string {
  const shared = endings(basePath).find((ending) => `${mount}/`.startsWith(`${ending}/`)) ?? '';
  return path.startsWith(`${shared}/`) ? path.slice(shared.length) : path;
}

/** `/a/b` ends with `/a/b` and `/b`. */
const endings = (path: string): string[] => {
  const segments = path.split('/').filter(Boolean);
  return segments.map((_, index) => `/${segments.slice(index).join('/')}`);
};
