import type { ArgumentsHost } from '@nestjs/common';
import { type PlatformRequest, requestOf } from './platform.js';

/** The header fields by which a client can make a failure of an answer that is ready (RFC 9110). */
const CAUSES: Partial<Record<number, readonly string[]>> = {
  // Section 15.5.7: of `res.format()`, or of what compresses answers.
  406: ['accept', 'accept-encoding', 'accept-language', 'accept-charset'],
  // Section 15.5.13, and 15.5.17: of whatever sends files.
  412: ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range'],
  416: ['range'],
};

/**
 * Whether a status is what the client has asked for with a header field. The handler has done its work then, and
 * a client that could give its use back like this would use a link again and again.
 */
export const isMadeByClient = (host: ArgumentsHost, status: number): boolean =>
  CAUSES[status]?.some((name) => requestOf<PlatformRequest>(host).headers[name] !== undefined) ?? false;
