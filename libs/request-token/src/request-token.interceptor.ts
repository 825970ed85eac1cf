import {
  type CallHandler,
  type ExecutionContext,
  HttpStatus,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { concatWith, defer, finalize, ignoreElements, NEVER, type Observable, tap } from 'rxjs';
import { PagesService } from './pages/pages.service.js';
import { type Attempt, takeAttempt } from './request-token.attempt.js';
import { RequestTokenClock } from './request-token.clock.js';
import { REQUEST_TOKEN_SETTINGS } from './request-token.constants.js';
import { RequestTokenHttp } from './request-token.http.js';
import { RequestTokenRefusals } from './request-token.refusals.js';
import { RequestTokenVisits } from './request-token.visits.js';
import type { RequestTokenSettings } from './request-token.settings.js';
import { logsIn, type RequestTokenClaims } from './token/claims.js';
import { Links } from './token/links.js';
import type { Claim, Settlement } from './usage/usage.store.js';
import { UsageService } from './usage/usage.service.js';
import { Recipients } from './users/recipients.js';

/** Nest sends whatever an interceptor emits, and the answer has been sent. */
const ANSWERED: Observable<never> = NEVER;

/**
 * Claims one use before the handler runs, when every guard has agreed, and settles it when the response
 * has gone out. The module puts it before all other interceptors, so that none of them can answer a
 * request, from a cache say, whose token is used up.
 *
 * @publicApi
 */
@Injectable()
export class RequestTokenInterceptor implements NestInterceptor {
  constructor(
    private readonly http: RequestTokenHttp,
    private readonly recipients: Recipients,
    private readonly usage: UsageService,
    private readonly visits: RequestTokenVisits,
    private readonly refusals: RequestTokenRefusals,
    private readonly pages: PagesService,
    private readonly clock: RequestTokenClock,
    private readonly links: Links,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: RequestTokenSettings,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    if (context.getType() !== 'http') return next.handle();
    const attempt = takeAttempt(this.http.request(context), context.getHandler());
    if (!attempt) return next.handle();
    try {
      const method = this.http.method(context);
      if (attempt.claims && attempt.options.confirm && method !== 'POST') {
        return await this.askToConfirm(context, attempt, attempt.claims);
      }
      if (method === 'HEAD') return await this.answerHead(context, attempt);
      if (!attempt.claims) return next.handle();
      const claim = await this.claim(context, attempt, attempt.claims);
      return this.handleAndSettle(context, attempt, claim, next);
    } catch (error) {
      throw this.refusals.answerTo(error, context, attempt);
    }
  }

  private async claim(context: ExecutionContext, attempt: Attempt, claims: RequestTokenClaims) {
    const request = this.http.request(context);
    // The app's guards may have put somebody else there.
    this.recipients.assertIs(request.user, claims, attempt.recipient);
    const visit = this.visits.start(context, attempt, claims);
    const { claim, token } = await this.usage.claim(claims, this.clock.moment(), visit);
    request.requestToken = token;
    return claim;
  }

  private handleAndSettle(
    context: ExecutionContext,
    attempt: Attempt,
    claim: Claim,
    next: CallHandler,
  ): Observable<unknown> {
    let reportHandler!: (succeeded: boolean) => void;
    const handled = new Promise<boolean>((resolve) => (reportHandler = resolve));
    this.usage.settle(claim, this.settlement(context, attempt, handled));
    const handle = attempt.claims && logsIn(attempt.claims) ? this.logIn(context) : next.handle();
    return handle.pipe(
      tap({ error: () => reportHandler(false) }),
      finalize(() => reportHandler(true)),
    );
  }

  /** Instead of the handler, which runs when the browser comes back: logged in, and with no token in its address bar. */
  private logIn(context: ExecutionContext): Observable<unknown> {
    const request = this.http.request(context);
    return defer(async () => {
      await this.settings.sessions?.logIn(request, request.user as object);
      this.http.redirect(context, HttpStatus.SEE_OTHER, this.links.withoutToken(this.http.url(context)));
    }).pipe(ignoreElements(), concatWith(ANSWERED));
  }

  private async settlement(
    context: ExecutionContext,
    attempt: Attempt,
    handled: Promise<boolean>,
  ): Promise<Settlement> {
    const visitEnd = await this.visits.end(context, attempt);
    // A client that left saw no status, but the handler may have done its work all the same.
    const failed = visitEnd.statusCode === null ? !(await handled) : visitEnd.statusCode >= 400;
    return { ...visitEnd, outcome: failed && attempt.options.releaseOnFailure ? 'released' : 'used' };
  }

  /** HEAD is answered as GET would be, as far as the token goes; frameworks would run the GET handler for it. */
  private async answerHead(context: ExecutionContext, { claims }: Attempt): Promise<Observable<never>> {
    if (claims) await this.usage.look(claims, this.clock.moment());
    this.http.reply(context);
    return ANSWERED;
  }

  /** By GET or HEAD. Instead of the button, a link that would not work when it is pressed says so. */
  private async askToConfirm(context: ExecutionContext, attempt: Attempt, claims: RequestTokenClaims) {
    await this.usage.look(claims, this.clock.moment());
    await this.pages.sendConfirm(context, attempt, claims);
    return ANSWERED;
  }
}
