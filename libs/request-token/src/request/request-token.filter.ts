import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { RequestTokenClaims } from '../common/claims.js';
import { LOG_CONTEXT } from '../common/constants.js';
import { RequestTokenException, RequestTokenUnavailableException } from '../common/exception.js';
import { HooksOf } from '../common/hooks.js';
import { logThrown } from '../common/thrown.js';
import { within } from '../database/deadline.js';
import { StatementBounds } from '../database/statement-bounds.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import { Answers } from '../http/answers.js';
import { prefersHtml } from '../http/negotiation.js';
import { requestOf } from '../http/platform.js';
import type { RefusalHelp } from '../pages/page.js';
import { PagesService } from '../pages/pages.service.js';
import { UsageService } from '../usage/usage.service.js';
import type { RequestHooks } from './hooks.js';
import { WaitingRequests } from './waiting.js';

type Failure = RequestTokenException | RequestTokenUnavailableException;

/**
 * Answers refusals: people get a page, programs get JSON. On decorated routes it comes before filters of the app that
 * catch everything, or all HTTP exceptions; one that names `RequestTokenException`, or `RequestTokenUnavailableException`
 * for the 503, has the first say. Elsewhere, as where a handler redeems, it comes behind all filters of the app.
 *
 * @publicApi
 */
@Catch(RequestTokenException, RequestTokenUnavailableException)
export class RequestTokenExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger(LOG_CONTEXT);

  constructor(
    private readonly answers: Answers,
    private readonly pages: PagesService,
    private readonly usage: UsageService,
    private readonly waiting: WaitingRequests,
    private readonly hooks: HooksOf<RequestHooks>,
    private readonly bounds: StatementBounds,
  ) {}

  catch(exception: Failure, host: ArgumentsHost): Promise<void> | undefined {
    // A resolver or a message handler that redeems a token is answered as if there were no filter.
    if (host.getType() !== 'http') return undefined;
    // Nest does not wait for filters, so what one throws would end the process.
    return this.answer(exception, host).catch((error: unknown) => {
      logThrown(this.logger, error);
      this.replyJson(exception, host);
    });
  }

  private async answer(exception: Failure, host: ArgumentsHost): Promise<void> {
    const isRefusal = exception instanceof RequestTokenException;
    const help = isRefusal ? await this.help(exception, host) : undefined;
    if (!prefersHtml(host)) {
      this.replyJson(exception, host);
    } else if (isRefusal) {
      await this.pages.sendRefusal(host, 403, exception.code, help);
    } else {
      await this.pages.sendRefusal(host, 503, 'unavailable');
    }
  }

  private replyJson(exception: Failure, host: ArgumentsHost): void {
    this.answers.addToHeader(host, 'Vary', 'Accept');
    this.answers.reply(host, exception.getResponse(), exception.getStatus());
  }

  private async help(refusal: RequestTokenException, host: ArgumentsHost): Promise<RefusalHelp | undefined> {
    try {
      return await within(this.askForHelp(refusal, host), this.bounds.soon(), 'onRefused');
    } catch (error) {
      logThrown(this.logger, error);
      return undefined;
    }
  }

  private async askForHelp(
    { code, claims }: RequestTokenException,
    host: ArgumentsHost,
  ): Promise<RefusalHelp | undefined> {
    const { onRefused } = await this.hooks.of(requestOf(host));
    if (!onRefused) return undefined;
    const token = claims && (await this.seek(claims));
    const help = await onRefused({
      code,
      claims,
      token,
      lang: this.pages.refusalLanguage(host),
      request: requestOf(host),
    });
    return help ?? undefined;
  }

  private async seek(claims: RequestTokenClaims): Promise<RequestToken | undefined> {
    this.waiting.enter();
    try {
      return await this.usage.seek(claims);
    } finally {
      this.waiting.leave();
    }
  }
}
