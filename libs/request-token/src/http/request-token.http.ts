import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { type ArgumentsHost, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import Negotiator from 'negotiator';
import type { RequestTokenClaims } from '../common/claims.js';
import { REQUEST_TOKEN_SETTINGS } from '../common/constants.js';
import { RequestTokenException } from '../common/exception.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import { decodesToSame } from '../routes/escaping.js';
import type { LinkSettings } from '../routes/links.js';
import {
  belowMount,
  isNamed,
  isPlainPath,
  isSpoiltName,
  plainQueryValue,
  queryStart,
  requestPath,
} from '../routes/request-url.js';
import { toClientIp } from './client-ip.js';
import { isMadeByClient } from './conditional.js';
import { type ExpressLike, ExpressRouter } from './express-router.js';
import { type FastifyLike, FastifyRouter } from './fastify-router.js';
import { type Router, UnknownRouter } from './router.js';

/**
 * What the library puts on a request to a decorated route.
 *
 * @publicApi
 */
export interface RequestTokenRequest {
  /** The recipient, for login modes `request` and `session`. */
  user?: unknown;
  /** Claims of the verified token. */
  requestTokenClaims?: RequestTokenClaims;
  /** The row, once a use of it is taken. */
  requestToken?: RequestToken;
  /** Why the token was ignored, on a route with `onInvalid: 'ignore'`. */
  requestTokenError?: RequestTokenException;
}

/** What a request says of itself. */
export interface RequestFacts {
  readonly method: string;
  /** Path and query, as the app's router has them and as they are escaped there. */
  readonly url: string;
  /** The path of `url`: what targets are compared with. */
  readonly path: string;
  /** Whether a browser fetches the page before anybody asked for it. */
  readonly isPrefetch: boolean;
  /** The framework's, never a header's. */
  readonly clientIp: string | null;
  readonly userAgent: string | null;
}

/** What is read of a request; Express and Fastify agree on it. */
interface PlatformRequest {
  ip?: unknown;
  url: string;
  /** Of Express: where another app has mounted this one. */
  baseUrl?: string;
  headers: IncomingHttpHeaders;
  query?: unknown;
  body?: unknown;
}

/** Fastify wraps the response of Node.js, Express extends it. */
type PlatformResponse = ServerResponse | { raw: ServerResponse; send: unknown };

const rawOf = (response: PlatformResponse): ServerResponse => ('raw' in response ? response.raw : response);

/** `Sec-Fetch-Site` (W3C Fetch Metadata) of what the app itself or its reader sends. */
const OWN_SITES = ['same-origin', 'same-site', 'none'];

const PROTECTIVE_HEADERS = [
  ['Cache-Control', 'no-store'],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Robots-Tag', 'noindex'],
] as const;

/** Everything about requests and answers that depends on the HTTP platform. */
@Injectable()
export class RequestTokenHttp implements OnModuleInit {
  private router?: Router;

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: LinkSettings,
  ) {
    // In time for the app's routes. A testing module has no adapter yet; nor has Nest 11.0 the observable.
    if (this.adapter) this.router = routerOf(this.adapter, !adapterHost.listening);
    else adapterHost.init$?.subscribe(() => this.adapter && (this.router = routerOf(this.adapter, true)));
  }

  onModuleInit(): void {
    if (!this.adapter) return;
    this.router ??= routerOf(this.adapter, false);
    if (this.adapter.getType() === 'express') keepBesideRequests(this.adapter.getInstance<ExpressLike>());
  }

  get adapter() {
    return this.adapterHost.httpAdapter;
  }

  request(host: ArgumentsHost): RequestTokenRequest {
    return requestOf(host);
  }

  /** Whoever the app knows as the user already. On Fastify, Nest's middleware sees the request of Node.js. */
  knownUser(host: ArgumentsHost): unknown {
    const request = requestOf<RequestTokenRequest & { raw?: RequestTokenRequest }>(host);
    return request.user || request.raw?.user;
  }

  /**
   * The token of a request: from the query, else from a form or JSON body.
   *
   * @throws RequestTokenException `token_malformed` for several values, or one that is no text
   */
  token(host: ArgumentsHost): string | undefined {
    const request = requestOf<PlatformRequest>(host);
    const { parameter } = this.settings;
    // Express parses the query each time that it is asked for it.
    const inQuery = plainQueryValue(request.url, parameter) ?? this.parsedValue(request);
    const inBody = this.valueIn(request.body);
    const token = inQuery ?? inBody;
    if (token === undefined) {
      this.assertIntact(request);
      return undefined;
    }
    // The form of a page that was opened by link may carry the same token twice: in its action and in a field.
    const isOne = inQuery === undefined || inBody === undefined || inQuery === inBody;
    if (typeof token !== 'string' || !isOne) throw new RequestTokenException('token_malformed');
    return token;
  }

  /** Each property is read once, and here: with the prototypes that Express makes, reading takes its time. */
  facts(host: ArgumentsHost): RequestFacts {
    const request = requestOf<PlatformRequest>(host);
    const { headers } = request;
    const userAgent = headers['user-agent'];
    const router = this.router as Router;
    const sent = router.urlOf(request);
    const end = queryStart(sent, router.splitsAtSemicolon);
    const mount = router.mountOf(request);
    const fullPath = requestPath(sent, end);
    const path = mount === '' ? fullPath : belowMount(fullPath, mount, this.settings.baseUrl.pathname);
    return {
      method: String(this.adapter.getRequestMethod(request)),
      url: end === sent.length ? path : `${path}?${sent.slice(end + 1)}`,
      path,
      isPrefetch: isPrefetch(headers['sec-purpose']) || isPrefetch(headers.purpose),
      clientIp: toClientIp(request.ip),
      userAgent: typeof userAgent === 'string' ? userAgent : null,
    };
  }

  /** Whether somebody has answered already, such as middleware that limits the time of requests. */
  isAnswered(host: ArgumentsHost): boolean {
    const response = responseOf<PlatformResponse>(host);
    return ('raw' in response ? response.raw : response).writableEnded;
  }

  /** Whether an OPTIONS request asks for another, which a browser has in mind (Fetch standard, CORS-preflight request). */
  isPreflight(host: ArgumentsHost): boolean {
    return requestOf<PlatformRequest>(host).headers['access-control-request-method'] !== undefined;
  }

  /** Whether a page of another site has sent this request. Browsers say so; programs send neither field. */
  isFromAnotherSite(host: ArgumentsHost): boolean {
    const { headers } = requestOf<PlatformRequest>(host);
    const site = headers['sec-fetch-site'];
    if (site !== undefined) return !OWN_SITES.includes(String(site));
    return headers.origin !== undefined && headers.origin !== this.settings.baseUrl.origin;
  }

  /**
   * The path of a request, in the spelling of the target if the app's router takes both for one: mail programs
   * and proxies escape what they like.
   */
  pathLike(target: string | undefined, host: ArgumentsHost, { path }: RequestFacts): string {
    if (target === undefined || target === path) return path;
    if (!isPlainPath(path) || !isPlainPath(target) || !decodesToSame(path, target)) return path;
    return this.router?.leadsToSame(requestOf<object>(host), path, target) ? target : path;
  }

  /** @throws TypeError for the path of a link that could not work, whoever opens it */
  assertReachable(path: string, params: readonly string[] = []): void {
    const problem = this.router?.problemOf(path, params);
    if (problem !== undefined) throw new TypeError(`target ${path} ${problem}`);
  }

  /** Whether the client would rather have a page than JSON: browsers do, a bare client does not. */
  prefersHtml(host: ArgumentsHost): boolean {
    return this.negotiator(host).mediaType(['application/json', 'text/html']) === 'text/html';
  }

  /** The one of these languages that the reader likes best; undefined if none (RFC 9110 section 12.5.4). */
  acceptedLanguage(host: ArgumentsHost, available: string[]): string | undefined {
    return this.negotiator(host).language(available);
  }

  /** Keeps the link out of caches, of the Referer of the next page, and of search engines. */
  protect(host: ArgumentsHost): void {
    for (const [name, value] of PROTECTIVE_HEADERS) this.setHeader(host, name, value);
  }

  setHeader(host: ArgumentsHost, name: string, value: string): void {
    this.adapter.setHeader(responseOf(host), name, value);
  }

  /** For fields that are lists: what the app has put there stays, and holds as well. */
  addToHeader(host: ArgumentsHost, name: string, value: string): void {
    const present = this.adapter.getHeader(responseOf(host), name) as string | string[] | undefined;
    this.setHeader(host, name, present?.length ? `${[present].flat().join(', ')}, ${value}` : value);
  }

  redirect(host: ArgumentsHost, status: number, url: string): void {
    this.adapter.redirect(responseOf(host), status, url);
  }

  /** Without a status, the one that Nest has set for the route. What has begun to go out is only ended. */
  reply(host: ArgumentsHost, body?: unknown, status?: number): void {
    const response = responseOf<unknown>(host);
    if (this.adapter.isHeadersSent(response)) this.adapter.end(response);
    else this.adapter.reply(response, body, status);
  }

  /**
   * Tells the final status, once, when the answer has gone out. A client may leave before that: then it is
   * the status that the handler answers with all the same, and nobody gets to see.
   */
  whenAnswered(host: ArgumentsHost, listener: (status: number, isSent: boolean) => void): void {
    const platformResponse = responseOf<PlatformResponse>(host);
    const response = rawOf(platformResponse);
    let isTold = false;
    const tell = (isSent: boolean, status = response.statusCode) => {
      if (!isTold) listener(status, isSent);
      isTold = true;
    };
    const tellAtEnd = () => {
      if (isTold) return;
      if (isWhole(response)) tell(true);
      else if (response.writableEnded || response.headersSent) tell(false);
      else onVainAnswer(platformResponse, (status) => tell(false, status));
    };
    if (isClosed(response)) return tellAtEnd();
    response.on('finish', () => {
      if (isWhole(response)) tell(true);
    });
    // Comes after 'finish', too, and when the client has left.
    response.on('close', tellAtEnd);
  }

  /** A token that cannot be read is a bad token, and not the lack of one. */
  private assertIntact({ url, query }: PlatformRequest): void {
    if (!url.includes('?') && !url.includes(';')) return;
    const { parameter } = this.settings;
    if (Object.keys(query ?? {}).some((name) => isSpoiltName(name, parameter))) {
      throw new RequestTokenException('token_malformed');
    }
  }

  /** Whether a status of 400 or above is what the client has asked for, of a handler that has done its work. */
  isMadeByClient(host: ArgumentsHost, status: number): boolean {
    return isMadeByClient(status, requestOf<PlatformRequest>(host).headers);
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

  private negotiator(host: ArgumentsHost): Negotiator {
    return new Negotiator({ headers: requestOf<PlatformRequest>(host).headers });
  }
}

// Without `switchToHttp()`, which makes three functions each time, and we ask a dozen times for each request.
const requestOf = <Request = RequestTokenRequest>(host: ArgumentsHost): Request =>
  host.getArgByIndex<Request>(0);
const responseOf = <Response>(host: ArgumentsHost): Response => host.getArgByIndex<Response>(1);

function routerOf(adapter: HttpAdapterHost['httpAdapter'], isInTime: boolean): Router {
  const type = adapter.getType();
  if (type === 'express') return new ExpressRouter(adapter.getInstance<ExpressLike>());
  if (type === 'fastify') return new FastifyRouter(adapter.getInstance<FastifyLike>(), isInTime);
  return new UnknownRouter(adapter);
}

const isPrefetch = (purpose: string | string[] | undefined): boolean =>
  purpose !== undefined && /prefetch/i.test(String(purpose));

/**
 * Express changes the prototype of each request, which gives it a hidden class of its own, so that a new
 * property of a request costs V8 about two microseconds and as many kilobytes. Ours are accessors of the
 * prototype instead, which is Express's way to extend requests.
 */
function keepBesideRequests({ request: prototype }: ExpressLike): void {
  for (const name of [
    'requestTokenClaims',
    'requestToken',
    'requestTokenError',
  ] satisfies (keyof RequestTokenRequest)[]) {
    const values = new WeakMap<object, unknown>();
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: object) {
        return values.get(this);
      },
      set(this: object, value: unknown) {
        values.set(this, value);
      },
    });
  }
}

/** Of HTTP/2, which says of every answer that it has finished, also of one that its client has given up. */
const streamOf = (response: ServerResponse) =>
  (response as Partial<Pick<Http2ServerResponse, 'stream'>>).stream;

const isWhole = (response: ServerResponse): boolean =>
  response.writableFinished && streamOf(response)?.aborted !== true;

const isClosed = (response: ServerResponse): boolean => response.destroyed || !!streamOf(response)?.destroyed;

/**
 * A response whose client has left emits nothing any more, and yet its handler answers: it ends it, or hands a
 * stream to it, of which nothing is read. The status is the one that stands when the answer begins.
 */
function onVainAnswer(platformResponse: PlatformResponse, listener: (status: number) => void): void {
  const response = rawOf(platformResponse);
  const tell = () => listener(response.statusCode);
  response.once('pipe', tell);
  for (const name of ['flushHeaders', 'write', 'end'] as const) {
    replaceMethod(response, name, (method, args) => {
      tell();
      return method(...args);
    });
  }
  replaceMethod(response, 'writeHead', (method, args) => {
    // Throws for headers that cannot be sent, and then this is not the answer.
    const result = method(...args);
    listener(Number(args[0]));
    return result;
  });
  if (!('raw' in platformResponse)) return;
  // Of a web stream, or a Response with one, Fastify then sends nothing at all.
  replaceMethod(platformResponse, 'send', (method, args) => {
    const result = method(...args);
    const [payload] = args;
    if (payload instanceof ReadableStream) tell();
    else if (payload instanceof Response) listener(payload.status);
    return result;
  });
}

type Method = (...args: unknown[]) => unknown;

function replaceMethod<Name extends string>(
  object: Record<Name, unknown>,
  name: Name,
  call: (method: Method, args: unknown[]) => unknown,
): void {
  const method = (object[name] as Method).bind(object);
  object[name] = (...args: unknown[]) => call(method, args);
}
