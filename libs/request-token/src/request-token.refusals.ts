import { type ExecutionContext, HttpException, Injectable, Logger } from '@nestjs/common';
import type { Attempt } from './request-token.attempt.js';
import { RequestTokenException, RequestTokenUnavailableException } from './request-token.exception.js';
import { RequestTokenVisits } from './request-token.visits.js';
import { UsageService } from './usage/usage.service.js';

/** The one place that decides how a request that cannot be let through is answered. */
@Injectable()
export class RequestTokenRefusals {
  private readonly logger = new Logger(RequestTokenRefusals.name);

  constructor(
    private readonly visits: RequestTokenVisits,
    private readonly usage: UsageService,
  ) {}

  /** What to answer instead of what went wrong. A refusal whose signature was good is logged. */
  answerTo(error: unknown, context: ExecutionContext, attempt: Attempt): HttpException {
    if (error instanceof RequestTokenException) {
      this.log(error, context, attempt);
      return error;
    }
    if (error instanceof HttpException) return error;
    // Most likely the database. Whatever it is, nobody is let through whose token could not be checked.
    this.logger.error(error instanceof Error ? error.stack : String(error));
    return new RequestTokenUnavailableException();
  }

  private log({ code, claims }: RequestTokenException, context: ExecutionContext, attempt: Attempt): void {
    const visit = claims && this.visits.start(context, attempt, claims);
    if (visit) this.usage.refuse(claims, code, visit, this.visits.end(context, attempt));
  }
}
