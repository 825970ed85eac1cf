import { decode } from '../routes/escaping.js';
import type { Router } from './router.js';

interface RouterOptions {
  useSemicolonDelimiter?: boolean;
  maxParamLength?: number;
}

/** What is used of Fastify. */
export interface FastifyLike {
  initialConfig?: RouterOptions & { routerOptions?: RouterOptions };
  addHook(name: 'onRoute', hook: (route: { url: string }) => void): void;
}

interface FastifyRequest {
  url: string;
  routeOptions: { url?: string };
}

/**
 * Fastify decodes a path before it compares, but for the characters that can have a meaning in a path, such as
 * `%2F` and `%3A`; these it decodes in the values of parameters only.
 */
export class FastifyRouter implements Router {
  /** Whether a semicolon begins the query. */
  readonly splitsAtSemicolon: boolean;
  private readonly maxParamLength: number;
  private readonly routes = new Set<string>();
  private readonly knowsRoutes: boolean;

  /** @param isInTime whether the app has still to add its routes */
  constructor(fastify: FastifyLike, isInTime: boolean) {
    const { routerOptions, ...options } = fastify.initialConfig ?? {};
    // Since Fastify 5.5 they stand together; each place has the default for what stands in the other.
    const given = [options, routerOptions ?? {}];
    this.splitsAtSemicolon = given.some(({ useSemicolonDelimiter }) => useSemicolonDelimiter);
    this.maxParamLength = Math.max(...given.map(({ maxParamLength = 100 }) => maxParamLength));
    this.knowsRoutes = isInTime;
    if (isInTime) fastify.addHook('onRoute', ({ url }) => this.routes.add(url));
  }

  /** As `rewriteUrl` has made it. */
  urlOf({ url }: FastifyRequest): string {
    return url;
  }

  mountOf(): string {
    return '';
  }

  leadsToSame({ routeOptions }: FastifyRequest, path: string, other: string): boolean {
    const seen = asCompared(path);
    if (seen === undefined) return false;
    if (seen === asCompared(other)) return true;
    const { url } = routeOptions;
    return (
      url !== undefined &&
      this.knowsRoutes &&
      differsInParameters(url, path, other) &&
      ![...this.routes].some((route) => takesPrecedence(route, url) && mayMatch(route, other))
    );
  }

  problemOf(path: string, params: readonly string[]): string | undefined {
    if (params.some(({ length }) => length > this.maxParamLength)) {
      return `has a parameter of more than ${this.maxParamLength} characters, which Fastify refuses (maxParamLength)`;
    }
    if (this.splitsAtSemicolon && path.includes(';')) {
      return "has a ';', where Fastify ends the path (useSemicolonDelimiter); write %3B";
    }
    return asCompared(path) === undefined ? 'cannot be decoded, and Fastify answers 400' : undefined;
  }
}

/** A path as find-my-way compares it; undefined if it is refused. */
function asCompared(path: string): string | undefined {
  try {
    return decodeURI(path.replaceAll('%25', '%2525'));
  } catch {
    return undefined;
  }
}

/** Whether the segments in which two paths differ are, each as a whole, the value of a parameter of the route. */
function differsInParameters(route: string, path: string, other: string): boolean {
  const pattern = route.split('/');
  const segments = path.split('/');
  const others = other.split('/');
  // Empty segments may be dropped, and then nothing stands where it does in the pattern.
  if (segments.slice(1, -1).includes('')) return false;
  const wildcard = pattern.indexOf('*');
  return segments.every(
    (segment, index) =>
      asCompared(segment) === asCompared(others[index]) ||
      (wildcard !== -1 && index >= wildcard) ||
      WHOLE_PARAMETER.test(pattern[index] ?? ''),
  );
}

const WHOLE_PARAMETER = /^:\w+\??$/;

/** Not one that only takes what the other has left: that one, or all that begins as it does. */
const takesPrecedence = (route: string, other: string): boolean =>
  route !== other && !(route.endsWith('/*') && other.startsWith(route.slice(0, -1))) && route !== '*';

/** Whether a route could match a path. Says yes when in doubt: whatever is no plain text matches anything. */
function mayMatch(route: string, path: string): boolean {
  const pattern = route.replaceAll('::', '\0').split('/').filter(Boolean);
  const segments = path.split('/').filter(Boolean);
  for (const [index, expected] of pattern.entries()) {
    if (/[*{]/.test(expected)) return true;
    if (index >= segments.length) return expected.endsWith('?') && index === pattern.length - 1;
    const text = (decode(segments[index]) ?? segments[index]).toLowerCase();
    if (!/[:(]/.test(expected) && text !== expected.replaceAll('\0', ':').toLowerCase()) return false;
  }
  return segments.length === pattern.length;
}
