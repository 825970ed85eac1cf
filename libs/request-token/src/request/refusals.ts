import { type ExecutionContext, HttpException, Injectable, Logger } from '@nestjs/common';
import { LOG_CONTEXT } from '../common/constants.js';
import { RequestTokenException, RequestTokenUnavailableException } from '../common/exception.js';
import { logThrown } from '../common/thrown.js';
import type { Attempt } from '../http/attempt.js';
import { knownUser } from '../http/platform.js';
import { Telemetry } from '../operations/telemetry.js';
import { UsageService } from '../usage/usage.service.js';
import { AttemptLog } from './attempt-log.js';

/** The one place that decides how a request that cannot be let through is answered. */
@Injectable()
export class Refusals {
  private readonly logger = new Logger(LOG_CONTEXT);
  private readonly reported = new WeakSet<Error>();

  constructor(
    private readonly attemptLog: AttemptLog,
    private readonly usage: UsageService,
    private readonly telemetry: Telemetry,
  ) {}

  /** What to answer instead of what went wrong. A refusal whose signature was good is logged. */
  answerTo(error: unknown, context: ExecutionContext, attempt: Attempt): HttpException {
    if (error instanceof RequestTokenException) {
      this.telemetry.refused(error);
      this.log(error, context, attempt);
      return error;
    }
    if (error instanceof HttpException) return error;
    // Most likely the database. Whatever it is, nobody is let through whose token could not be checked.
    this.report(error);
    return new RequestTokenUnavailableException();
  }

  /** Once, although many requests fail together. */
  private report(error: unknown): void {
    if (error instanceof Error) {
      if (this.reported.has(error)) return;
      this.reported.add(error);
    }
    logThrown(this.logger, error);
  }

  private log({ code, claims }: RequestTokenException, context: ExecutionContext, attempt: Attempt): void {
    const entry = claims && this.attemptLog.entryOf(attempt, claims, knownUser(context));
    if (entry) this.attemptLog.whenEnded(context, attempt, this.usage.refusing(claims, code, entry));
  }
}
