import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { redactRequestTokens } from './redact.js';
import type { Attempt } from './request-token.attempt.js';
import { RequestTokenClock } from './request-token.clock.js';
import { REQUEST_TOKEN_SETTINGS } from './request-token.constants.js';
import { RequestTokenHttp } from './request-token.http.js';
import type { RequestTokenSettings } from './request-token.settings.js';
import type { RequestTokenClaims } from './token/claims.js';
import type { Settlement, Visit } from './usage/usage.store.js';

/** Longest path and user agent that are logged; both are the client's to choose. */
const MAX_LOGGED_LENGTH = 1_024;

/** What the log says of a request: who came, when, and how it was answered. */
@Injectable()
export class RequestTokenVisits {
  constructor(
    private readonly http: RequestTokenHttp,
    private readonly clock: RequestTokenClock,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: RequestTokenSettings,
  ) {}

  /**
   * Undefined if this attempt is not to be logged.
   *
   * @param user whoever the app knows
   */
  start(
    { options, request, startedAt, recipients }: Attempt,
    claims: RequestTokenClaims,
    user: unknown,
  ): Visit | undefined {
    if (!options.log || !this.settings.logs) return undefined;
    return {
      userId: recipients?.idOf(user) ?? claims.aud ?? null,
      clientIp: request.clientIp,
      userAgent: request.userAgent && loggable(request.userAgent),
      method: request.method,
      path: loggable(request.path),
      startedAt,
    };
  }

  /** Tells how the answer ended, when it has gone out; or for a client that has left, when the handler has answered. */
  whenEnded(
    context: ExecutionContext,
    { startedAt, options }: Attempt,
    listener: (end: Settlement) => void,
  ): void {
    this.http.whenAnswered(context, (status, isSent) => {
      const durationMs = this.clock.now().getTime() - startedAt.getTime();
      listener({
        statusCode: isSent ? status : null,
        durationMs: Math.max(0, durationMs),
        outcome: status >= 400 && options.releaseOnFailure ? 'released' : 'used',
      });
    });
  }
}

const loggable = (text: string): string => redactRequestTokens(text).slice(0, MAX_LOGGED_LENGTH);
