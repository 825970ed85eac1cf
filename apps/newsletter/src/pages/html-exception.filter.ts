import { type ArgumentsHost, Catch, HttpException, HttpStatus, Logger } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import type { Request, Response } from 'express';
import {
  redactRequestTokens,
  RequestTokenException,
  RequestTokenExceptionFilter,
  RequestTokenUnavailableException,
} from 'nestjs-request-token';

interface ErrorPage {
  status: number;
  title: string;
  messages: string[];
}

/**
 * Errors as a page for browsers; programs get the JSON that Nest makes of them. Links that fail are left to
 * the library, which is asked last and so would never get them from a filter that catches everything.
 */
@Catch()
export class HtmlExceptionFilter extends BaseExceptionFilter {
  private readonly logger = new Logger('Pages');

  constructor(private readonly links: RequestTokenExceptionFilter) {
    super();
  }

  override catch(exception: unknown, host: ArgumentsHost): void {
    if (exception instanceof RequestTokenException || exception instanceof RequestTokenUnavailableException) {
      void this.links.catch(exception, host);
      return;
    }
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    // `*/*` says nothing, so it counts for the first of the two.
    const wantsPage = http.getRequest<Request>().accepts(['json', 'html']) === 'html';
    if (!wantsPage || response.headersSent) {
      super.catch(exception instanceof HttpException ? withoutTokens(exception) : exception, host);
      return;
    }
    const page = pageOf(exception);
    if (page.status >= 500) this.logger.error(exception);
    response.status(page.status).render('error', page);
  }
}

/** Nest's "Cannot GET …" repeats the address that was asked for, and a mistyped link has its token in there. */
function withoutTokens(exception: HttpException): HttpException {
  const body = JSON.stringify(exception.getResponse());
  return new HttpException(JSON.parse(redactRequestTokens(body)) as object, exception.getStatus());
}

function pageOf(exception: unknown): ErrorPage {
  if (exception instanceof HttpException) {
    const status = exception.getStatus();
    const title = status === 404 ? 'There is nothing here' : 'That did not work';
    return { status, title, messages: messagesOf(exception).map((text) => redactRequestTokens(text)) };
  }
  return {
    status: HttpStatus.INTERNAL_SERVER_ERROR,
    title: 'Something went wrong',
    messages: ['The page could not be made. Please try again later.'],
  };
}

/** The validation pipe gives a list of messages, everybody else one. */
function messagesOf(exception: HttpException): string[] {
  const body = exception.getResponse();
  const messages = typeof body === 'object' && 'message' in body ? body.message : undefined;
  return Array.isArray(messages) ? messages.map(String) : [exception.message];
}
