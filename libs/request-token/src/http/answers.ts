import { type ArgumentsHost, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { responseOf } from './platform.js';

const PROTECTIVE_HEADERS = [
  ['Cache-Control', 'no-store'],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Robots-Tag', 'noindex'],
] as const;

/** How an answer is given, and what its header says. */
@Injectable()
export class Answers {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  /** Keeps the link out of caches, of the Referer of the next page, and of search engines. */
  protect(host: ArgumentsHost): void {
    const response = responseOf(host);
    for (const [name, value] of PROTECTIVE_HEADERS) this.adapter.setHeader(response, name, value);
  }

  /**
   * Says nothing of an answer that has begun to go out, as by middleware that limits the time of requests: Express
   * would throw, and nobody waits for a filter.
   */
  setHeader(host: ArgumentsHost, name: string, value: string): void {
    const response = responseOf<unknown>(host);
    if (!this.adapter.isHeadersSent(response)) this.adapter.setHeader(response, name, value);
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

  private get adapter() {
    return this.adapterHost.httpAdapter;
  }
}
