import { openSync, writeSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { RequestToken } from 'nestjs-request-token';
import { tap } from 'rxjs';

/**
 * Writes down each run of a handler, in a file: what is in it outlives the process, and depends on no
 * transaction. The user agent is the client's name for its visit, and the library logs it too.
 */
@Injectable()
export class RunRecorder implements NestInterceptor {
  private readonly file = openSync(process.env.RUN_RECORD!, 'a');

  intercept(context: ExecutionContext, next: CallHandler) {
    const request = context
      .switchToHttp()
      .getRequest<{ requestToken: RequestToken; headers: IncomingHttpHeaders }>();
    const run = { tokenId: request.requestToken.id, visitId: request.headers['user-agent'] };
    const record = (event: 'began' | 'succeeded') =>
      writeSync(this.file, `${JSON.stringify({ ...run, event })}\n`);
    record('began');
    return next.handle().pipe(tap({ complete: () => record('succeeded') }));
  }
}
