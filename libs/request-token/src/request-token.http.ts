import type { ServerResponse } from 'node:http';
import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { toClientIp } from './client-ip.js';
import type { RequestToken } from './entities/request-token.entity.js';
import { redact } from './redact.js';
import { REQUEST_TOKEN_SETTINGS } from './request-token.constants.js';
import { RequestTokenException } from './request-token.exception.js';
import type { RequestTokenSettings } from './request-token.settings.js';
import type { RequestTokenClaims } from './token/claims.js';
import { requestPath } from './token/links.js';

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
  /** The row, once a use of it is claimed. */
  requestToken?: RequestToken;
  /** Why the token was ignored, on a route with `onInvalid: 'ignore'`. */
  requestTokenError?: RequestTokenException;
}

/** What is read of a request; Express and Fastify agree on it. */
interface PlatformRequest {
  ip?: unknown;
  headers: Record<string, string | string[] | undefined>;
  query?: unknown;
  body?: unknown;
}

/** Fastify wraps the response of Node.js, Express extends it. */
type PlatformResponse = ServerResponse | { raw: ServerResponse };

/** Longest path and user agent that are logged; both are the client's to choose. */
const MAX_LOGGED_LENGTH = 1_024;

const PROTECTIVE_HEADERS = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Robots-Tag': 'noindex',
};

/** Everything about requests and answers that depends on the HTTP platform. */
@Injectable()
export class RequestTokenHttp {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: RequestTokenSettings,
  ) {}

  request(context: ExecutionContext): RequestTokenRequest {
    return context.switchToHttp().getRequest<RequestTokenRequest>();
  }

  /**
   * The token of a request: from the query, else from a form or JSON body.
   *
   * @throws RequestTokenException `token_malformed` for several values, or one that is no text
   */
  token(context: ExecutionContext): string | undefined {
    const { query, body } = this.platformRequest(context);
    const values = [query, body].flatMap((part) => this.valuesIn(part));
    const [token] = values;
    if (token === undefined) return undefined;
    // The form of a page that was opened by link may carry the same token twice: in its action and in a field.
    if (typeof token !== 'string' || values.some((value) => value !== token)) {
      throw new RequestTokenException('token_malformed');
    }
    return token;
  }

  isHead(context: ExecutionContext): boolean {
    return this.method(context) === 'HEAD';
  }

  /** Whether a browser fetches the page before anybody asked for it. */
  isPrefetch(context: ExecutionContext): boolean {
    const { headers } = this.platformRequest(context);
    return ['sec-purpose', 'purpose'].some((name) => String(headers[name] ?? '').includes('prefetch'));
  }

  path(context: ExecutionContext): string {
    const adapter = this.adapterHost.httpAdapter;
    return requestPath(String(adapter.getRequestUrl(context.switchToHttp().getRequest())));
  }

  /** What the log keeps of a request. The IP is the framework's, never a header's. */
  client(context: ExecutionContext) {
    const { ip, headers } = this.platformRequest(context);
    const userAgent = headers['user-agent'];
    return {
      clientIp: toClientIp(ip),
      userAgent: typeof userAgent === 'string' ? loggable(userAgent) : null,
      method: this.method(context),
      path: loggable(this.path(context)),
    };
  }

  /** Keeps the link out of caches, of the Referer of the next page, and of search engines. */
  protect(context: ExecutionContext): void {
    const response = context.switchToHttp().getResponse<unknown>();
    for (const [name, value] of Object.entries(PROTECTIVE_HEADERS)) {
      this.adapterHost.httpAdapter.setHeader(response, name, value);
    }
  }

  /** Answers without a body, with the status that Nest has set for the route. */
  replyWithoutBody(context: ExecutionContext): void {
    this.adapterHost.httpAdapter.reply(context.switchToHttp().getResponse(), undefined);
  }

  /** The final status, once the answer has gone out; null once the client has left without it. */
  answered(context: ExecutionContext): Promise<number | null> {
    const platformResponse = context.switchToHttp().getResponse<PlatformResponse>();
    const response = 'raw' in platformResponse ? platformResponse.raw : platformResponse;
    return new Promise((resolve) => {
      if (response.writableFinished) resolve(response.statusCode);
      else if (response.closed || response.destroyed) resolve(null);
      response.once('finish', () => resolve(response.statusCode));
      // Comes after 'finish' too, when there is nothing left to resolve.
      response.once('close', () => resolve(null));
    });
  }

  private valuesIn(part: unknown): unknown[] {
    if (typeof part !== 'object' || part === null) return [];
    const value = Object.hasOwn(part, this.settings.parameter)
      ? (part as Record<string, unknown>)[this.settings.parameter]
      : undefined;
    return value === undefined ? [] : [value];
  }

  private method(context: ExecutionContext): string {
    return String(this.adapterHost.httpAdapter.getRequestMethod(context.switchToHttp().getRequest()));
  }

  private platformRequest(context: ExecutionContext): PlatformRequest {
    return context.switchToHttp().getRequest<PlatformRequest>();
  }
}

const loggable = (text: string): string => redact(text).slice(0, MAX_LOGGED_LENGTH);
