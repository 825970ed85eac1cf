import { type ExecutionContext, HttpStatus, Inject, Injectable } from '@nestjs/common';
import { PagesService } from './pages/pages.service.js';
import type { Attempt } from './request-token.attempt.js';
import { RequestTokenClock } from './request-token.clock.js';
import { REQUEST_TOKEN_SETTINGS } from './request-token.constants.js';
import { RequestTokenHttp } from './request-token.http.js';
import { RequestTokenRefusals } from './request-token.refusals.js';
import type { RequestTokenSettings } from './request-token.settings.js';
import { RequestTokenVisits } from './request-token.visits.js';
import { logsIn, type RequestTokenClaims } from './token/claims.js';
import { Links } from './token/links.js';
import { UsageService } from './usage/usage.service.js';

/** Nest goes on as soon as a guard or an interceptor has resolved, and the answer has been sent. */
const ANSWERED = new Promise<never>(() => undefined);

/** Lets a request through to the handler, for the price of one use, or answers it instead. */
@Injectable()
export class RequestTokenAdmission {
  constructor(
    private readonly http: RequestTokenHttp,
    private readonly usage: UsageService,
    private readonly visits: RequestTokenVisits,
    private readonly refusals: RequestTokenRefusals,
    private readonly pages: PagesService,
    private readonly clock: RequestTokenClock,
    private readonly links: Links,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: RequestTokenSettings,
  ) {}

  /** Resolves to true when the handler may run; never if the request is answered. */
  async admit(context: ExecutionContext, attempt: Attempt): Promise<true> {
    const { claims, recipients } = attempt;
    try {
      const { method } = attempt.request;
      if (claims && attempt.options.confirm && method !== 'POST') {
        return await this.askToConfirm(context, attempt, claims);
      }
      if (method === 'HEAD') return await this.answerHead(context, attempt);
      if (!claims || !recipients) return true;
      const request = this.http.request(context);
      const { user } = request;
      // The app's guards may have put somebody else there.
      recipients.assertIs(user, claims, attempt.recipient);
      const visit = this.visits.start(attempt, claims, user ?? this.http.knownUser(context));
      const { claim, token } = await this.usage.claim(claims, this.clock.moment(), visit);
      request.requestToken = token;
      this.visits.whenEnded(context, attempt, this.usage.settling(claim));
    } catch (error) {
      throw this.refusals.answerTo(error, context, attempt);
    }
    if (logsIn(claims)) await this.logIn(context, attempt);
    return true;
  }

  /** Instead of the handler, which runs when the browser comes back: logged in, and with no token in its address bar. */
  private async logIn(context: ExecutionContext, attempt: Attempt): Promise<never> {
    const request = this.http.request(context);
    await this.settings.sessions?.logIn(request, request.user as object);
    this.http.redirect(context, HttpStatus.SEE_OTHER, this.links.withoutToken(attempt.request.url));
    return ANSWERED;
  }

  /** HEAD is answered as GET would be, as far as the token goes; frameworks would run the GET handler for it. */
  private async answerHead(context: ExecutionContext, { claims }: Attempt): Promise<never> {
    if (claims) await this.usage.look(claims, this.clock.moment());
    this.http.reply(context);
    return ANSWERED;
  }

  /** By GET or HEAD. Instead of the button, a link that would not work when it is pressed says so. */
  private async askToConfirm(
    context: ExecutionContext,
    attempt: Attempt,
    claims: RequestTokenClaims,
  ): Promise<never> {
    await this.usage.look(claims, this.clock.moment());
    await this.pages.sendConfirm(context, attempt, claims);
    return ANSWERED;
  }
}
