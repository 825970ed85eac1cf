import { type ArgumentsHost, Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { REQUEST_TOKEN_SETTINGS } from '../common/constants.js';
import { RequestTokenException } from '../common/exception.js';
import { decodesToSame } from '../routes/escaping.js';
import type { LinkSettings } from '../routes/links.js';
import { isNamed, isPlainPath, isSpoiltName, plainQueryValue } from '../routes/request-url.js';
import { AppRouter } from './app-router.js';
import { toClientIp } from './client-ip.js';
import { type PlatformRequest, requestOf } from './platform.js';
import type { RequestFacts } from './request.js';

/** `Sec-Fetch-Site` (W3C Fetch Metadata) of what the app itself or its reader sends. */
const OWN_SITES = ['same-origin', 'same-site', 'none'];

/** What a request says: its facts, the JWT that it brings, and who has sent it. */
@Injectable()
export class Requests {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly router: AppRouter,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: LinkSettings,
  ) {}

  /** Each property is read once, and here: with the prototypes that Express makes, reading takes its time. */
  facts(host: ArgumentsHost): RequestFacts {
    const request = requestOf<PlatformRequest>(host);
    const { headers } = request;
    const userAgent = headers['user-agent'];
    const { url, path } = this.router.locate(request);
    return {
      method: String(this.adapterHost.httpAdapter.getRequestMethod(request)),
      url,
      path,
      isPrefetch: isPrefetch(headers['sec-purpose']) || isPrefetch(headers.purpose),
      clientIp: toClientIp(request.ip),
      userAgent: typeof userAgent === 'string' ? userAgent : null,
    };
  }

  /**
   * The JWT of a request: from the query, else from a form or JSON body.
   *
   * @throws RequestTokenException `token_malformed` for several values, or one that is no text
   */
  jwt(host: ArgumentsHost): string | undefined {
    const request = requestOf<PlatformRequest>(host);
    const { parameter } = this.settings;
    // Express parses the query each time that it is asked for it.
    const inQuery = plainQueryValue(request.url, parameter) ?? this.parsedValue(request);
    const inBody = this.valueIn(request.body);
    const jwt = inQuery ?? inBody;
    if (jwt === undefined) {
      this.assertIntact(request);
      return undefined;
    }
    // The form of a page that was opened by link may carry the same token twice: in its action and in a field.
    const isOne = inQuery === undefined || inBody === undefined || inQuery === inBody;
    if (typeof jwt !== 'string' || !isOne) throw new RequestTokenException('token_malformed');
    return jwt;
  }

  /**
   * The path of a request, in the spelling of the target if the app's router takes both for one: mail programs
   * and proxies escape what they like.
   */
  pathLike(target: string | undefined, host: ArgumentsHost, { path }: RequestFacts): string {
    if (target === undefined || target === path) return path;
    if (!isPlainPath(path) || !isPlainPath(target) || !decodesToSame(path, target)) return path;
    return this.router.leadsToSame(requestOf<object>(host), path, target) ? target : path;
  }

  /** Whether an OPTIONS request asks for another, which a browser has in mind (Fetch standard, CORS-preflight request). */
  isPreflight(host: ArgumentsHost): boolean {
    return requestOf<PlatformRequest>(host).headers['access-control-request-method'] !== undefined;
  }

  /**
   * Whether a page of another site has sent this request; a front end of the app's is none. Browsers say so;
   * programs send neither field.
   */
  isFromAnotherSite(host: ArgumentsHost): boolean {
    const { headers } = requestOf<PlatformRequest>(host);
    // No page can make its browser say this but one of that origin.
    if (headers.origin !== undefined && this.settings.frontends.includes(headers.origin)) return false;
    const site = headers['sec-fetch-site'];
    if (site !== undefined) return !OWN_SITES.includes(String(site));
    return headers.origin !== undefined && headers.origin !== this.settings.baseUrl.origin;
  }

  /** A token that cannot be read is a bad token, and not the lack of one. */
  private assertIntact({ url, query }: PlatformRequest): void {
    if (!url.includes('?') && !url.includes(';')) return;
    const { parameter } = this.settings;
    if (Object.keys(query ?? {}).some((name) => isSpoiltName(name, parameter))) {
      throw new RequestTokenException('token_malformed');
    }
  }

  /** @throws RequestTokenException `token_malformed` under a name at which nobody would look for it to take it out */
  private parsedValue({ url, query }: PlatformRequest): unknown {
    const value = this.valueIn(query);
    if (value === undefined || isNamed(url, this.settings.parameter)) return value;
    throw new RequestTokenException('token_malformed');
  }

  private valueIn(part: unknown): unknown {
    if (typeof part !== 'object' || part === null) return undefined;
    const { parameter } = this.settings;
    return Object.hasOwn(part, parameter) ? (part as Record<string, unknown>)[parameter] : undefined;
  }
}

const isPrefetch = (purpose: string | string[] | undefined): boolean =>
  purpose !== undefined && /prefetch/i.test(String(purpose));
