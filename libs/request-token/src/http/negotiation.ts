import type { ArgumentsHost } from '@nestjs/common';
import Negotiator from 'negotiator';
import { type PlatformRequest, requestOf } from './platform.js';

/** Whether the client would rather have a page than JSON: browsers do, a bare client does not. */
export const prefersHtml = (host: ArgumentsHost): boolean =>
  negotiator(host).mediaType(['application/json', 'text/html']) === 'text/html';

/** The one of these languages that the reader likes best; undefined if none (RFC 9110 section 12.5.4). */
export const acceptedLanguage = (host: ArgumentsHost, available: string[]): string | undefined =>
  negotiator(host).language(available);

const negotiator = (host: ArgumentsHost): Negotiator =>
  new Negotiator({ headers: requestOf<PlatformRequest>(host).headers });
