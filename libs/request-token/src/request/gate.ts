import { type CanActivate, type ExecutionContext, Logger } from '@nestjs/common';
import { GUARDS_METADATA } from '@nestjs/common/constants.js';
import { LOG_CONTEXT } from '../common/constants.js';
import { RequestTokenUnavailableException } from '../common/exception.js';
import { type Attempt, attemptOf } from '../http/attempt.js';
import { RouteOptionsCache } from '../routes/metadata.js';

/**
 * The guards that `@UseRequestToken()` itself puts on what it decorates. They let nothing through that the
 * module's guard has not checked: without the module, or where the module cannot reach, a route is closed
 * instead of open.
 *
 * A request comes this way: RequestTokenGuard checks it and makes it an attempt; the app's own guards; the gate,
 * at which Admission takes the use; the app's interceptors, and the handler.
 *
 * The gates are objects and no providers. They need nothing of an app, and so nothing that an app does can take
 * them away; but one that serves every app of the process can inject nothing either. Therefore the guard, which
 * is a provider, gives its app's Admission to the attempt, and the gate finds it there.
 */

const routes = new RouteOptionsCache();
const logger = new Logger(LOG_CONTEXT);
const reported = new WeakSet<object>();

/**
 * The last guard of a decorated route: when all others have agreed, it takes a use. So it comes before every
 * interceptor, and none of them can answer a request, from a cache say, whose token is used up.
 */
const routeGate: CanActivate = {
  canActivate(context) {
    if (isUndecorated(context)) return true;
    const attempt = checkedAttempt(context);
    // With `hoistGuard: false`, RequestTokenInterceptor takes the use.
    if (!attempt.admission) return true;
    if (attempt.isTaken) throw closed(context, 'something asks its guards twice for one request');
    return attempt.admission.admit(context, attempt);
  },
};

/**
 * Stands on the controller, where it is found even when something has put another function into the handler's
 * place and left its metadata behind.
 */
const controllerGate: CanActivate = {
  canActivate(context) {
    if (isUndecorated(context)) return true;
    checkedAttempt(context);
    const handler = context.getHandler();
    if (!guardsOf(handler).includes(routeGate)) {
      throw closed(
        context,
        'the module has not seen this route when the app started; load its controller before',
      );
    }
    return true;
  },
};

/** Puts the gate on a route, behind the guards that stand there now; those of its controller and the app come before. */
export function gateLast(handler: object): void {
  const others = guardsOf(handler).filter((guard) => guard !== routeGate);
  Reflect.defineMetadata(GUARDS_METADATA, [...others, routeGate], handler);
}

export const isGatedLast = (handler: object): boolean => guardsOf(handler).at(-1) === routeGate;

/** Before the controller's other guards, which are of no interest to a request that nobody has checked. */
export function gateController(controller: object): void {
  const others = guardsOf(controller).filter((guard) => guard !== controllerGate);
  Reflect.defineMetadata(GUARDS_METADATA, [controllerGate, ...others], controller);
}

const guardsOf = (target: object): unknown[] =>
  (Reflect.getMetadata(GUARDS_METADATA, target) as unknown[] | undefined) ?? [];

/** A handler can be one of a class that is decorated, and of another that is not. */
const isUndecorated = (context: ExecutionContext): boolean =>
  context.getType() !== 'http' || !routes.of(context.getHandler(), context.getClass());

function checkedAttempt(context: ExecutionContext): Attempt {
  const attempt = attemptOf(context.getArgByIndex<object>(0));
  if (attempt?.handler === context.getHandler() && attempt.isChecked) return attempt;
  throw closed(
    context,
    'no RequestTokenModule has checked the request; import RequestTokenModule.forRoot() in the root module of the app',
  );
}

/** Said once for each route, however many ask for it. */
function closed(context: ExecutionContext, reason: string): RequestTokenUnavailableException {
  const handler = context.getHandler();
  if (!reported.has(handler)) {
    reported.add(handler);
    const name = `${context.getClass().name}.${handler.name}`;
    logger.error(`${name} is decorated with @UseRequestToken(), and answers 503: ${reason}.`);
  }
  return new RequestTokenUnavailableException();
}
