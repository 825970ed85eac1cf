import { ConsoleLogger } from '@nestjs/common';

/** Nest tells of every module and route while it starts; failures to start are told by `main.ts`. */
const CONTEXTS_OF_START = new Set([
  'ExceptionHandler',
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
]);

/** Nest's own logger, without what would hide the few lines that matter. */
export class AppLogger extends ConsoleLogger {
  override log(message: unknown, ...rest: unknown[]): void {
    if (!isOfStart(rest)) super.log(message, ...(rest as [string]));
  }

  override error(message: unknown, ...rest: unknown[]): void {
    if (!isOfStart(rest)) super.error(message, ...(rest as [string]));
  }
}

/** Nest gives the context as the last argument. */
function isOfStart(rest: unknown[]): boolean {
  const context = rest.at(-1);
  return typeof context === 'string' && CONTEXTS_OF_START.has(context);
}
