import { type ArgumentsHost, Catch, HttpException, HttpStatus, Logger } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import type { Request, Response } from 'express';
import { RequestTokenException } from 'nestjs-request-token';

interface ErrorPage {
  status: number;
  title: string;
  messages: string[];
  code?: string;
}

/** Errors as a page for browsers; programs get the JSON that Nest makes of them. */
@Catch()
export class HtmlExceptionFilter extends BaseExceptionFilter {
  private readonly logger = new Logger('Pages');

  override catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    // `*/*` says nothing, so it counts for the first of the two.
    const wantsPage = http.getRequest<Request>().accepts(['json', 'html']) === 'html';
    if (!wantsPage || response.headersSent) {
      super.catch(exception, host);
      return;
    }
    const page = pageOf(exception);
    if (page.status >= 500) this.logger.error(exception);
    response.status(page.status).render('error', page);
  }
}

function pageOf(exception: unknown): ErrorPage {
  if (exception instanceof RequestTokenException) {
    return {
      status: exception.getStatus(),
      title: 'This link cannot be used',
      messages: [exception.message],
      code: exception.code,
    };
  }
  if (exception instanceof HttpException) {
    const status = exception.getStatus();
    const title = status === 404 ? 'There is nothing here' : 'That did not work';
    return { status, title, messages: messagesOf(exception) };
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
