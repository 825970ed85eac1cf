import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  MethodNotAllowedException,
  ServiceUnavailableException,
} from '@nestjs/common';
import { RequestTokenAdmission } from './request-token.admission.js';
import { type Admit, Attempt, attemptOf, beginAttempt } from './request-token.attempt.js';
import { RequestTokenClock } from './request-token.clock.js';
import { REQUEST_TOKEN_SETTINGS } from './request-token.constants.js';
import { RequestTokenException } from './request-token.exception.js';
import { RequestTokenHttp } from './request-token.http.js';
import { RouteOptionsCache, type RequestTokenRouteOptions } from './request-token.metadata.js';
import { RequestTokenRefusals } from './request-token.refusals.js';
import type { RequestTokenSettings } from './request-token.settings.js';
import { assertBinding } from './token/binding.js';
import { TokenCodec } from './token/token.codec.js';
import { UsageService } from './usage/usage.service.js';
import { RecipientsOf } from './users/recipients-of.js';

/** GET shows the page, and HEAD as much of it as it can; POST acts. */
const CONFIRM_METHODS = ['GET', 'HEAD', 'POST'];

/**
 * Verifies the token of a request to a decorated route and resolves its user, before any other guard of
 * the app. The module puts it there; on other routes, and outside HTTP, it does nothing. It takes no use:
 * the app's own guards have not spoken yet.
 *
 * @publicApi
 */
@Injectable()
export class RequestTokenGuard implements CanActivate {
  private readonly routes = new RouteOptionsCache();
  private readonly admit?: Admit;

  constructor(
    private readonly http: RequestTokenHttp,
    private readonly codec: TokenCodec,
    private readonly recipients: RecipientsOf,
    private readonly usage: UsageService,
    private readonly refusals: RequestTokenRefusals,
    private readonly clock: RequestTokenClock,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: RequestTokenSettings,
    admission: RequestTokenAdmission,
  ) {
    if (settings.hoistGuard) this.admit = (context, attempt) => admission.admit(context, attempt);
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const options = this.routes.of(context.getHandler(), context.getClass());
    // A promise would cost all those routes that are none of ours.
    return options ? this.check(context, options) : true;
  }

  private async check(context: ExecutionContext, options: RequestTokenRouteOptions): Promise<boolean> {
    const handler = context.getHandler();
    const request = this.http.request(context);
    // A handler may pass its request on to the next one, which asks for a token of its own.
    if (attemptOf(request)?.handler === handler) return true;

    this.http.protect(context);
    const facts = this.http.facts(context);
    if (facts.isPrefetch) {
      // The browser drops this answer, and asks again when the reader really opens the link.
      throw new ServiceUnavailableException('Links are not opened in advance.');
    }

    if (options.confirm && !CONFIRM_METHODS.includes(facts.method)) {
      this.http.setHeader(context, 'Allow', CONFIRM_METHODS.join(', '));
      throw new MethodNotAllowedException();
    }

    const attempt = beginAttempt(request, new Attempt(handler, options, facts, this.clock.now(), this.admit));
    try {
      await this.authenticate(context, attempt);
    } catch (error) {
      const answer = this.refusals.answerTo(error, context, attempt);
      if (!isIgnored(answer, options)) throw answer;
      request.requestTokenError = answer;
    }
    return true;
  }

  /** Sets user and claims only once everything has been checked. */
  private async authenticate(context: ExecutionContext, attempt: Attempt): Promise<void> {
    const { options } = attempt;
    const request = this.http.request(context);
    const jwt = this.http.token(context);
    if (jwt === undefined) {
      if (options.required) throw new RequestTokenException('token_missing');
      return;
    }

    attempt.parameter = { name: this.settings.parameter, value: jwt };
    const found = this.recipients.of(request);
    const recipients = found instanceof Promise ? await found : found;
    attempt.recipients = recipients;
    const claims = await this.codec.verify(jwt, this.clock.now());
    assertBinding(claims, { scope: options.scope, target: attempt.request.path });
    const known = this.http.knownUser(context);
    if (known) recipients.assertIs(known, claims);
    // What is to be ignored has to be known before the app's guards see a user. Elsewhere the claim tells.
    if (options.onInvalid === 'ignore') await this.usage.look(claims, this.clock.moment());
    const recipient = await recipients.load(claims);

    // A user whom the app knows already is left as the app knows it.
    if (recipient) request.user = known || recipient;
    request.requestTokenClaims = claims;
    attempt.claims = claims;
    attempt.recipient = recipient;
  }
}

function isIgnored(answer: unknown, options: RequestTokenRouteOptions): answer is RequestTokenException {
  return (
    options.onInvalid === 'ignore' &&
    answer instanceof RequestTokenException &&
    answer.code !== 'token_missing'
  );
}
