import { type ExecutionContext, Inject, Injectable, Logger } from '@nestjs/common';
import type { RequestTokenClaims } from '../common/claims.js';
import { RequestTokenClock } from '../common/clock.js';
import { LOG_CONTEXT, REQUEST_TOKEN_SETTINGS } from '../common/constants.js';
import { redactRequestTokens } from '../common/redact.js';
import { newId } from '../common/uuid.js';
import { whenAnswered } from '../http/answer-end.js';
import type { Attempt } from '../http/attempt.js';
import { isMadeByClient } from '../http/conditional.js';
import type { LogEntry } from '../usage/log-entry.js';
import { UsageService } from '../usage/usage.service.js';
import type { Settlement } from '../usage/uses.js';
import { HookCalls } from './hook-calls.js';
import type { OnUsed, UsedContext } from './hooks.js';
import type { RequestSettings } from './settings.js';

/** Longest path and user agent that are logged; both are the client's to choose. */
const MAX_LOGGED_LENGTH = 1_024;

/** What the log says of an attempt: who came, when, and how it was answered. */
@Injectable()
export class AttemptLog {
  private readonly calls = new HookCalls('onUsed', new Logger(LOG_CONTEXT));

  constructor(
    private readonly usage: UsageService,
    private readonly clock: RequestTokenClock,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: RequestSettings,
  ) {}

  /**
   * Its log row, as it is written when its use is taken; undefined if it is not to be logged.
   *
   * @param user whoever the app knows
   */
  entryOf(
    { options, facts, startedAt, recipients }: Attempt,
    claims: RequestTokenClaims,
    user: unknown,
  ): LogEntry | undefined {
    if (!options.log || !this.settings.logs) return undefined;
    return {
      id: newId(),
      tokenId: claims.jti,
      outcome: 'pending',
      userId: recipients?.idOf(user) ?? claims.aud ?? null,
      clientIp: facts.clientIp,
      userAgent: facts.userAgent && loggable(facts.userAgent),
      method: facts.method,
      path: loggable(facts.path),
      startedAt,
    };
  }

  /** Tells how the answer ended, when it has gone out; or for a client that has left, when the handler has answered. */
  whenEnded(context: ExecutionContext, attempt: Attempt, listener: (end: Settlement) => void): void {
    const { startedAt, options } = attempt;
    whenAnswered(context, (status, isSent) => {
      const durationMs = this.clock.now().getTime() - startedAt.getTime();
      const isReleased =
        status >= 400 && options.releaseOnFailure && !attempt.isEffective && !isMadeByClient(context, status);
      listener({
        statusCode: isSent ? status : null,
        durationMs: Math.max(0, durationMs),
        outcome: isReleased ? 'released' : 'used',
      });
    });
  }

  /** Of a use that nobody was served for: it is given back, and none of its effect. */
  endOfUnserved({ startedAt }: Attempt): Settlement {
    const durationMs = Math.max(0, this.clock.now().getTime() - startedAt.getTime());
    return { outcome: 'released', statusCode: null, durationMs };
  }

  /** A listener for {@link whenEnded} that tells the app of a use that is kept, too. */
  telling(
    onUsed: OnUsed,
    used: Pick<UsedContext, 'token' | 'claims' | 'user'>,
    { facts: { method, path, clientIp, userAgent }, startedAt }: Attempt,
    settle: (end: Settlement) => void,
  ): (end: Settlement) => void {
    return (end) => {
      settle(end);
      if (end.outcome !== 'used') return;
      const { statusCode, durationMs } = end;
      const request = { method, path: loggable(path), clientIp, userAgent, startedAt };
      this.usage.waitFor(this.calls.call(() => onUsed({ ...used, statusCode, durationMs, request })));
    };
  }
}

const loggable = (text: string): string => redactRequestTokens(text).slice(0, MAX_LOGGED_LENGTH);
