import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { RequestTokenUnavailableException } from '../common/exception.js';
import { attemptOf } from '../http/attempt.js';
import { requestOf } from '../http/platform.js';
import { Admission } from './admission.js';

/**
 * Takes the use for apps that say `hoistGuard: false`, and register it where it belongs: before every
 * interceptor that could answer in the handler's place. Otherwise the last guard of the route has done so.
 *
 * @publicApi
 */
@Injectable()
export class RequestTokenInterceptor implements NestInterceptor {
  constructor(private readonly admission: Admission) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    if (context.getType() !== 'http') return next.handle();
    const attempt = attemptOf(requestOf(context));
    if (attempt?.handler !== context.getHandler() || attempt.isAdmitted) return next.handle();
    if (attempt.isTaken || !attempt.isChecked) throw new RequestTokenUnavailableException();
    await this.admission.admit(context, attempt);
    return next.handle();
  }
}
