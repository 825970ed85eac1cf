import { type ArgumentsHost, Catch, HttpException, HttpStatus, Logger } from '@nestjs/common';
import { BaseExceptionFilter, ModuleRef } from '@nestjs/core';
import type { Request, Response } from 'express';
import {
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

  constructor(private readonly moduleRef: ModuleRef) {
    super();
  }

  override catch(exception: unknown, host: ArgumentsHost): void {
    if (exception instanceof RequestTokenException || exception instanceof RequestTokenUnavailableException) {
      void this.refuse(exception, host);
      return;
    }
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

  private async refuse(
    exception: RequestTokenException | RequestTokenUnavailableException,
    host: ArgumentsHost,
  ): Promise<void> {
    try {
      await this.moduleRef.get(RequestTokenExceptionFilter, { strict: false }).catch(exception, host);
    } catch (error) {
      // Nest does not wait for filters: nobody else would catch this, and it would end the process.
      this.logger.error(error);
      super.catch(exception, host);
    }
  }
}

function pageOf(exception: unknown): ErrorPage {
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
