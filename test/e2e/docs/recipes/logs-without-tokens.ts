import { redactRequestTokens } from 'nestjs-request-token';
import { pino } from 'pino';

/** pino; for nestjs-pino `pinoHttp: { hooks: … }`. Whole lines, because the token is in `req.query`, too. */
export const pinoWithoutTokens = (destination: { write(line: string): void }) =>
  pino({ hooks: { streamWrite: redactRequestTokens } }, destination);

/** morgan: `morgan.token('url', loggedUrl)` and `morgan.token('referrer', loggedReferrer)` */
export const loggedUrl = (request: { originalUrl: string }) => redactRequestTokens(request.originalUrl);
export const loggedReferrer = (request: { headers: { referer?: string } }) =>
  redactRequestTokens(request.headers.referer ?? '-');

/** Sentry: `Sentry.init({ beforeSend: redacted, beforeSendTransaction: redacted, beforeBreadcrumb: redacted })` */
export const redacted = <Event>(event: Event): Event =>
  JSON.parse(redactRequestTokens(JSON.stringify(event))) as Event;
