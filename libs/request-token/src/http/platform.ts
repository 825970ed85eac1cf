import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { ArgumentsHost } from '@nestjs/common';
import type { RequestTokenRequest } from './request.js';

/** What is read of a request; Express and Fastify agree on it. */
export interface PlatformRequest {
  ip?: unknown;
  url: string;
  headers: IncomingHttpHeaders;
  query?: unknown;
  body?: unknown;
}

/** Fastify wraps the response of Node.js, Express extends it. */
export type PlatformResponse = ServerResponse | { raw: ServerResponse; send: unknown };

// Without `switchToHttp()`, which makes three functions each time, and we ask a dozen times for each request.
export const requestOf = <Request = RequestTokenRequest>(host: ArgumentsHost): Request =>
  host.getArgByIndex<Request>(0);

export const responseOf = <Response = PlatformResponse>(host: ArgumentsHost): Response =>
  host.getArgByIndex<Response>(1);

export const rawOf = (response: PlatformResponse): ServerResponse =>
  'raw' in response ? response.raw : response;

/** Whoever the app knows as the user already. On Fastify, Nest's middleware sees the request of Node.js. */
export function knownUser(host: ArgumentsHost): unknown {
  const request = requestOf<RequestTokenRequest & { raw?: RequestTokenRequest }>(host);
  return request.user || request.raw?.user;
}
