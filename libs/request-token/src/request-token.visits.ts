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

  /** Resolves when the answer has gone out or the client has left. */
  async end(context: ExecutionContext, attempt: Attempt): Promise<Omit<Settlement, 'outcome'>> {
    const statusCode = await this.http.answered(context);
    const durationMs = this.clock.now().getTime() - attempt.startedAt.getTime();
    return { statusCode, durationMs: Math.max(0, durationMs) };
  }
}
