import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { ArgumentsHost } from '@nestjs/common';
import { type PlatformResponse, rawOf, responseOf } from './platform.js';

/** Whether somebody has answered already, such as middleware that limits the time of requests. */
export const isAnswered = (host: ArgumentsHost): boolean => rawOf(responseOf(host)).writableEnded;

/**
 * Tells the final status, once, when the answer has gone out. A client may leave before that: then it is
 * the status that the handler answers with all the same, and nobody gets to see.
 *
 * An interceptor could not say it: exception filters choose the status behind all interceptors, a handler with
 * `@Res()` answers by itself, and interceptors of the app may answer without the handler.
 */
export function whenAnswered(host: ArgumentsHost, listener: (status: number, isSent: boolean) => void): void {
  const platformResponse = responseOf(host);
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
