import type { ArgumentsHost } from '@nestjs/common';
import Negotiator from 'negotiator';
import { type PlatformRequest, requestOf } from './platform.js';

/** Whether the client would rather have a page than JSON: browsers do, a bare client does not. */
export const prefersHtml = (host: ArgumentsHost): boolean =>
  negotiator(host).mediaType(['application/json', 'text/html']) === 'text/html';

/**
 * Whether a client asks for something else than a page, as scripts and programs do. One that says nothing at all
 * gets the page of a link: it may be anybody.
 */
export const asksForJson = (host: ArgumentsHost): boolean =>
  requestOf<PlatformRequest>(host).headers.accept !== undefined && !prefersHtml(host);

/** The languages that the reader likes, the dearest first (RFC 9110 section 12.5.4); `*` is any. */
export const acceptedLanguages = (host: ArgumentsHost): string[] => negotiator(host).languages();

const negotiator = (host: ArgumentsHost): Negotiator =>
  new Negotiator({ headers: requestOf<PlatformRequest>(host).headers });
