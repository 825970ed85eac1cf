import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  HttpStatus,
  Inject,
  Injectable,
  MethodNotAllowedException,
  ServiceUnavailableException,
} from '@nestjs/common';
import { logsIn, type RequestTokenClaims, standsForUser } from '../common/claims.js';
import { RequestTokenClock } from '../common/clock.js';
import { REQUEST_TOKEN_SETTINGS } from '../common/constants.js';
import { RequestTokenException } from '../common/exception.js';
import { Answers } from '../http/answers.js';
import { Attempt, beginAttempt, takeBack } from '../http/attempt.js';
import { knownUser, requestOf } from '../http/platform.js';
import { Requests } from '../http/requests.js';
import { TokenCodec } from '../jwt/token.codec.js';
import { assertBinding } from '../routes/binding.js';
import { type RouteOptions, RouteOptionsCache } from '../routes/metadata.js';
import { UsageService } from '../usage/usage.service.js';
import type { Recipients } from '../users/recipients.js';
import { RecipientsOf } from '../users/recipients-of.js';
import { Admission } from './admission.js';
import { answered } from './answered.js';
import { Refusals } from './refusals.js';
import { RequestTokenExceptionFilter } from './request-token.filter.js';
import type { RequestSettings } from './settings.js';
import { WaitingRequests } from './waiting.js';

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

  constructor(
    private readonly requests: Requests,
    private readonly answers: Answers,
    private readonly codec: TokenCodec,
    private readonly recipients: RecipientsOf,
    private readonly usage: UsageService,
    private readonly refusals: Refusals,
    private readonly waiting: WaitingRequests,
    private readonly clock: RequestTokenClock,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: RequestSettings,
    private readonly admission: Admission,
    private readonly filter: RequestTokenExceptionFilter,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const options = this.routes.of(context.getHandler(), context.getClass());
    // A promise would cost all those routes that are none of ours.
    if (options) return this.check(context, options);
    takeBack(requestOf(context));
    return true;
  }

  private async check(context: ExecutionContext, options: RouteOptions): Promise<boolean> {
    const handler = context.getHandler();
    const request = requestOf(context);
    takeBack(request);

    this.answers.protect(context);
    const facts = this.requests.facts(context);
    if (facts.method === 'OPTIONS' && this.requests.isPreflight(context)) {
      // It has no token, and an `@All()` route would run its handler for it.
      this.answers.reply(context, undefined, HttpStatus.NO_CONTENT);
      return answered();
    }
    if (facts.isPrefetch) {
      // The browser drops this answer, and asks again when the reader really opens the link.
      throw new ServiceUnavailableException('Links are not opened in advance.');
    }

    if (options.confirm && !CONFIRM_METHODS.includes(facts.method)) {
      this.answers.setHeader(context, 'Allow', CONFIRM_METHODS.join(', '));
      throw new MethodNotAllowedException();
    }

    const admission = this.settings.hoistGuard ? this.admission : undefined;
    const attempt = beginAttempt(
      request,
      new Attempt(handler, options, facts, this.clock.now(), admission, this.filter),
    );
    try {
      await this.authenticate(context, attempt);
    } catch (error) {
      const answer = this.refusals.answerTo(error, context, attempt);
      if (!isIgnored(answer, options)) throw answer;
      request.requestTokenError = answer;
    }
    attempt.isChecked = true;
    return true;
  }

  /** Sets user and claims only once everything has been checked. */
  private async authenticate(context: ExecutionContext, attempt: Attempt): Promise<void> {
    const { options } = attempt;
    const request = requestOf(context);
    const jwt = this.requests.jwt(context);
    if (jwt === undefined) {
      if (options.required) throw new RequestTokenException('token_missing');
      return;
    }

    attempt.parameter = { name: this.settings.parameter, value: jwt };
    const found = this.recipients.of(request);
    const recipients = found instanceof Promise ? await found : found;
    attempt.recipients = recipients;
    const claims = await this.codec.verify(jwt, this.clock.now());
    const target = this.requests.pathLike(claims.tgt, context, attempt.facts);
    assertBinding(claims, { scope: options.scope, target });
    const known = knownUser(context);
    if (known) recipients.assertIs(known, claims);
    if (logsIn(claims)) this.assertOwnSite(context, attempt);
    const recipient = await this.askDatabase(claims, jwt, recipients, options);

    // A user whom the app knows already is left as the app knows it.
    if (recipient) request.user = known || recipient;
    attempt.hasBroughtUser = recipient !== undefined && !known;
    // Both are one object, and what decides must not be changed on the way.
    request.requestTokenClaims = attempt.claims = Object.freeze(claims);
    attempt.recipient = recipient;
  }

  private async askDatabase(
    claims: RequestTokenClaims,
    jwt: string,
    recipients: Recipients,
    { onInvalid }: RouteOptions,
  ): Promise<object | undefined> {
    const isToBeIgnored = onInvalid === 'ignore';
    if (!isToBeIgnored && !standsForUser(claims)) return undefined;
    this.waiting.enter();
    try {
      // What is to be ignored has to be known before the app's guards see a user. Elsewhere its use tells.
      if (isToBeIgnored) await this.usage.look(claims, this.clock.moment());
      return await recipients.load(claims, jwt);
    } finally {
      this.waiting.leave();
    }
  }

  /**
   * A page of somebody else's could log a reader in as somebody else, by posting a link of its own (login CSRF),
   * and see what is then done in that account. A link that is opened, from a mail or a chat, is a GET.
   */
  private assertOwnSite(context: ExecutionContext, { facts: { method } }: Attempt): void {
    if (method !== 'GET' && method !== 'HEAD' && this.requests.isFromAnotherSite(context)) {
      throw new ForbiddenException('This form was sent from another site.');
    }
  }
}

function isIgnored(answer: unknown, options: RouteOptions): answer is RequestTokenException {
  return (
    options.onInvalid === 'ignore' &&
    answer instanceof RequestTokenException &&
    answer.code !== 'token_missing'
  );
}
