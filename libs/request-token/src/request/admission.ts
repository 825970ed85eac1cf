import { type ExecutionContext, HttpStatus, Injectable } from '@nestjs/common';
import { logsIn, type RequestTokenClaims } from '../common/claims.js';
import { RequestTokenClock } from '../common/clock.js';
import { RequestTokenException, RequestTokenUnavailableException } from '../common/exception.js';
import { HooksOf } from '../common/hooks.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import { isAnswered } from '../http/answer-end.js';
import { Answers } from '../http/answers.js';
import { type Attempt, takeBack, type UseTaker } from '../http/attempt.js';
import { asksForJson } from '../http/negotiation.js';
import { knownUser, requestOf } from '../http/platform.js';
import { PagesService } from '../pages/pages.service.js';
import { Links } from '../routes/links.js';
import { UsageService } from '../usage/usage.service.js';
import type { RequestTokenSessions } from '../users/sessions.js';
import { answered } from './answered.js';
import type { RequestHooks } from './hooks.js';
import { RequestTokenRefusals } from './refusals.js';
import { RequestTokenVisits } from './visits.js';
import { WaitingRequests } from './waiting.js';

/** How a reader is logged in, and where the browser goes then. */
interface LogIn {
  sessions: RequestTokenSessions;
  user: object;
  returnTo: string;
}

/** Lets a request through to the handler, for the price of one use, or answers it instead. */
@Injectable()
export class Admission implements UseTaker {
  constructor(
    private readonly answers: Answers,
    private readonly usage: UsageService,
    private readonly visits: RequestTokenVisits,
    private readonly refusals: RequestTokenRefusals,
    private readonly waiting: WaitingRequests,
    private readonly pages: PagesService,
    private readonly clock: RequestTokenClock,
    private readonly links: Links,
    private readonly hooks: HooksOf<RequestHooks>,
  ) {}

  /** Resolves to true when the handler may run; never if the request is answered. */
  async admit(context: ExecutionContext, attempt: Attempt): Promise<true> {
    attempt.isTaken = true;
    const { claims, recipients } = attempt;
    let logIn: LogIn | undefined;
    try {
      const { method } = attempt.request;
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
      if (logsIn(claims)) logIn = this.prepareLogIn(attempt, claims, user as object, hooks);
      this.assertUnanswered(context);
      const visit = this.visits.start(attempt, claims, user ?? knownUser(context));
      this.waiting.enter();
      try {
        const { use, token } = await this.usage.takeUse(claims, this.clock.moment(), visit);
        request.requestToken = token;
        const settle = this.usage.settling(use);
        const { onUsed } = hooks;
        if (isAnswered(context)) settle(this.visits.endOfUnserved(attempt));
        this.assertUnanswered(context);
        this.visits.whenEnded(
          context,
          attempt,
          onUsed ? this.visits.telling(onUsed, { token, claims, user }, attempt, settle) : settle,
        );
      } finally {
        this.waiting.leave();
      }
    } catch (error) {
      const answer = this.refusals.answerTo(error, context, attempt);
      takeBack(requestOf(context));
      throw answer;
    }
    if (logIn) await this.logIn(context, attempt, logIn);
    return (attempt.isAdmitted = true);
  }

  /** Middleware that limits the time of a request may have answered it meanwhile: nothing is served then. */
  private assertUnanswered(context: ExecutionContext): void {
    if (isAnswered(context)) throw new RequestTokenUnavailableException();
  }

  /** Before a use is taken for it: what cannot be answered must not log anybody in. */
  private prepareLogIn(
    { request }: Attempt,
    claims: RequestTokenClaims,
    user: object,
    { sessions }: RequestHooks,
  ): LogIn {
    if (!sessions) {
      throw new Error(
        "A token of login mode 'session' needs a way to log users in; give the module sessions",
      );
    }
    try {
      return { sessions, user, returnTo: this.links.withoutToken(request.url) };
    } catch {
      throw new RequestTokenException('token_target_mismatch', claims);
    }
  }

  /** Instead of the handler, which runs when the browser comes back: logged in, and with no token in its address bar. */
  private async logIn(
    context: ExecutionContext,
    attempt: Attempt,
    { sessions, user, returnTo }: LogIn,
  ): Promise<never> {
    await sessions.logIn(requestOf(context), user);
    attempt.isEffective = true;
    this.answers.redirect(context, HttpStatus.SEE_OTHER, returnTo);
    return answered();
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
