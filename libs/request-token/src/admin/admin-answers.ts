import { createHash } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import Negotiator from 'negotiator';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { LOG_CONTEXT } from '../common/constants.js';
import { summarizeThrown } from '../common/thrown.js';
import type { PlatformRequest } from '../http/platform.js';
import { ADMIN_SETTINGS } from './constants.js';
import type { RequestTokenAdminSettings } from './admin.options.js';
import type { Frame } from './views/layout.js';
import { STYLE } from './views/style.js';

/** A page, and what is the same for programs. */
export interface AdminAnswer {
  status?: number;
  json: object;
  page: (frame: Frame) => VNode;
}

/** A request to a page of the admin, with what it is answered by. */
export interface AdminExchange {
  request: PlatformRequest & { originalUrl?: string };
  response: unknown;
  /** How many parts of the path stand behind that of the admin. */
  depth: number;
}

/** Nothing is loaded, nothing runs, and nobody shows it in a frame. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = [
  ['Content-Security-Policy', POLICY],
  ['Cache-Control', 'no-store'],
  ['Referrer-Policy', 'same-origin'],
  ['X-Robots-Tag', 'noindex'],
  ['X-Content-Type-Options', 'nosniff'],
] as const;

/** Answers with a page, or with JSON, past whatever the app makes of the answers of its own handlers. */
@Injectable()
export class AdminAnswers {
  private readonly logger = new Logger(LOG_CONTEXT);

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Inject(ADMIN_SETTINGS) private readonly settings: RequestTokenAdminSettings,
  ) {}

  /** Of what goes wrong, a page that says so. What was asked for in vain is a TypeError, and names what. */
  async answer(exchange: AdminExchange, make: () => Promise<AdminAnswer>, onError: OnError): Promise<void> {
    try {
      this.send(exchange, await make());
    } catch (error) {
      if (!(error instanceof TypeError)) {
        this.logger.error(`The admin could not answer: ${summarizeThrown(error)}`);
        this.send(exchange, onError(503, 'This could not be looked up at the moment. Try again later.'));
        return;
      }
      this.send(exchange, onError(400, error.message));
    }
  }

  /** To a page of the admin, behind something that was posted. */
  redirect(exchange: AdminExchange, path: string, json: object): void {
    if (asksForJson(exchange.request))
      return this.reply(exchange, 200, 'application/json', JSON.stringify(json));
    this.setHeaders(exchange.response);
    this.adapterHost.httpAdapter.redirect(exchange.response, 303, baseOf(exchange) + path);
  }

  private send(exchange: AdminExchange, { status = 200, json, page }: AdminAnswer): void {
    if (asksForJson(exchange.request)) {
      return this.reply(exchange, status, 'application/json; charset=utf-8', JSON.stringify(json));
    }
    const frame = { base: baseOf(exchange), isReadOnly: this.settings.readOnly === true };
    this.reply(exchange, status, 'text/html; charset=utf-8', `<!doctype html>${renderToString(page(frame))}`);
  }

  private reply({ response }: AdminExchange, status: number, type: string, body: string): void {
    const { httpAdapter } = this.adapterHost;
    this.setHeaders(response);
    httpAdapter.setHeader(response, 'Content-Type', type);
    httpAdapter.reply(response, body, status);
  }

  private setHeaders(response: unknown): void {
    const { httpAdapter } = this.adapterHost;
    for (const [name, value] of HEADERS) httpAdapter.setHeader(response, name, value);
    // What the app's CORS, say, has put there holds as well.
    const present = httpAdapter.getHeader(response, 'Vary') as string | string[] | undefined;
    httpAdapter.setHeader(response, 'Vary', [present ?? [], 'Accept'].flat().join(', '));
  }
}

export type OnError = (status: number, text: string) => AdminAnswer;

const asksForJson = ({ headers }: PlatformRequest): boolean =>
  new Negotiator({ headers }).mediaType(['text/html', 'application/json']) === 'application/json';

/** Where the admin is, whatever prefix the app, or the app around it, has: without a slash at its end. */
function baseOf({ request, depth }: AdminExchange): string {
  const [path] = (request.originalUrl ?? request.url).split(/[?#]/);
  const parts = path.split('/').filter((part) => part !== '');
  return `/${parts.slice(0, parts.length - depth).join('/')}`;
}
