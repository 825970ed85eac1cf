import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { Attempt } from './request-token.attempt.js';
import { RequestTokenClock } from './request-token.clock.js';
import { REQUEST_TOKEN_SETTINGS } from './request-token.constants.js';
import { RequestTokenHttp } from './request-token.http.js';
import type { RequestTokenSettings } from './request-token.settings.js';
import type { RequestTokenClaims } from './token/claims.js';
import type { Settlement } from './usage/usage.store.js';
import type { Visit } from './usage/usage.service.js';
import { Recipients } from './users/recipients.js';

/** What the log says of a request: who came, when, and how it was answered. */
@Injectable()
export class RequestTokenVisits {
  constructor(
    private readonly http: RequestTokenHttp,
    private readonly recipients: Recipients,
    private readonly clock: RequestTokenClock,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: RequestTokenSettings,
  ) {}

  /** Undefined if this attempt is not to be logged. */
  start(context: ExecutionContext, attempt: Attempt, claims: RequestTokenClaims): Visit | undefined {
    if (!attempt.options.log || !this.settings.logs) return undefined;
    return {
      userId: this.recipients.idOf(this.http.knownUser(context)) ?? claims.aud ?? null,
      ...this.http.client(context),
      startedAt: attempt.startedAt,
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
