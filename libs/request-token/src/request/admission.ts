import { type ExecutionContext, Injectable } from '@nestjs/common';
import { logsIn, type RequestTokenClaims } from '../common/claims.js';
import { RequestTokenClock } from '../common/clock.js';
import { RequestTokenUnavailableException } from '../common/exception.js';
import { HooksOf } from '../common/hooks.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import { isAnswered } from '../http/answer-end.js';
import { Answers } from '../http/answers.js';
import { type Attempt, takeBack, type UseTaker } from '../http/attempt.js';
import { asksForJson } from '../http/negotiation.js';
import { knownUser, requestOf } from '../http/platform.js';
import { Telemetry } from '../operations/telemetry.js';
import { PagesService } from '../pages/pages.service.js';
import { UsageService } from '../usage/usage.service.js';
import type { Settlement, TakenUse } from '../usage/uses.js';
import { answered } from './answered.js';
import { AttemptLog } from './attempt-log.js';
import type { RequestHooks } from './hooks.js';
import { Refusals } from './refusals.js';
import { type LogIn, SessionLogIn } from './session-log-in.js';
import { WaitingRequests } from './waiting.js';

/** Lets a request through to the handler, for the price of one use, or answers it instead. */
@Injectable()
export class Admission implements UseTaker {
  constructor(
    private readonly answers: Answers,
    private readonly usage: UsageService,
    private readonly telemetry: Telemetry,
    private readonly attemptLog: AttemptLog,
    private readonly refusals: Refusals,
    private readonly waiting: WaitingRequests,
    private readonly pages: PagesService,
    private readonly clock: RequestTokenClock,
    private readonly logIns: SessionLogIn,
    private readonly hooks: HooksOf<RequestHooks>,
  ) {}

  /** Resolves to true when the handler may run; never if the request is answered. */
  async admit(context: ExecutionContext, attempt: Attempt): Promise<true> {
    attempt.isTaken = true;
    const { claims, recipients } = attempt;
    let logIn: LogIn | undefined;
    try {
      const { method } = attempt.facts;
      if (claims && attempt.options.confirm && method !== 'POST') {
        return await this.askToConfirm(context, attempt, claims);
      }
      if (method === 'HEAD') return await this.answerHead(context, attempt);
      if (!claims || !recipients) return (attempt.isAdmitted = true);
      const request = requestOf(context);
      const { user } = request;
      // The app's guards may have put somebody else there.
      recipients.assertIs(user, claims, attempt.recipient);
      const given = this.hooks.of(request);
      const hooks = given instanceof Promise ? await given : given;
      if (logsIn(claims)) logIn = this.logIns.prepare(attempt, claims, user as object, hooks);
      this.assertUnanswered(context);
      const entry = this.attemptLog.entryOf(attempt, claims, user ?? knownUser(context));
      this.waiting.enter();
      try {
        const { use, token } = await this.telemetry.claim(claims.sub, () =>
          this.usage.takeUse(claims, this.clock.moment(), entry),
        );
        request.requestToken = token;
        const settle = this.settling(use, claims.sub);
        const { onUsed } = hooks;
        if (isAnswered(context)) settle(this.attemptLog.endOfUnserved(attempt));
        this.assertUnanswered(context);
        this.attemptLog.whenEnded(
          context,
          attempt,
          onUsed ? this.attemptLog.telling(onUsed, { token, claims, user }, attempt, settle) : settle,
        );
      } finally {
        this.waiting.leave();
      }
    } catch (error) {
      const answer = this.refusals.answerTo(error, context, attempt);
      takeBack(requestOf(context));
      throw answer;
    }
    if (logIn) await this.logIns.run(context, attempt, logIn);
    return (attempt.isAdmitted = true);
  }

  private settling(use: TakenUse, scope: string | undefined): (end: Settlement) => void {
    const settle = this.usage.settling(use);
    return (end) => {
      settle(end);
      this.telemetry.settled(end.outcome, scope);
    };
  }

  /** Middleware that limits the time of a request may have answered it meanwhile: nothing is served then. */
  private assertUnanswered(context: ExecutionContext): void {
    if (isAnswered(context)) throw new RequestTokenUnavailableException();
  }

  /** HEAD is answered as GET would be, as far as the token goes; frameworks would run the GET handler for it. */
  private async answerHead(context: ExecutionContext, { claims }: Attempt): Promise<never> {
    if (claims) await this.look(claims);
    this.answers.reply(context);
    return answered();
  }

  /** By GET or HEAD; a front end that asks gets JSON for a page of its own. Instead of the button, a link that would not work when it is pressed says so. */
  private async askToConfirm(
    context: ExecutionContext,
    attempt: Attempt,
    claims: RequestTokenClaims,
  ): Promise<never> {
    const token = await this.look(claims);
    if (asksForJson(context)) this.pages.replyConfirmation(context, attempt, token);
    else await this.pages.sendConfirm(context, attempt, claims, token);
    return answered();
  }

  private async look(claims: RequestTokenClaims): Promise<RequestToken> {
    this.waiting.enter();
    try {
      return await this.usage.look(claims, this.clock.moment());
    } finally {
      this.waiting.leave();
    }
  }
}
