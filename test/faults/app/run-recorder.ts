import type { IncomingHttpHeaders } from 'node:http';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { RequestToken } from 'nestjs-request-token';
import { tap } from 'rxjs';
import { RunRecord } from './run-record.js';

/** Writes down each run of a handler. The visit is named by the user agent, which the library logs, too. */
@Injectable()
export class RunRecorder implements NestInterceptor {
  private readonly record = new RunRecord();

  intercept(context: ExecutionContext, next: CallHandler) {
    const request = context
      .switchToHttp()
      .getRequest<{ requestToken: RequestToken; headers: IncomingHttpHeaders }>();
    const run = { tokenId: request.requestToken.id, visitId: request.headers['user-agent'] };
    this.record.write(run, 'began');
    return next.handle().pipe(
      tap({
        complete: () => this.record.write(run, 'succeeded'),
        error: () => this.record.write(run, 'failed'),
      }),
    );
  }
}
