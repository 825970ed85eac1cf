import { ConsoleLogger, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Command } from 'commander';
import { LOG_CONTEXT } from '../../common/constants.js';
import { KeyRing } from '../../jwt/key-ring.js';
import { RoutePaths } from '../../routes/route-paths.js';
import { RouteTable } from '../../routes/route-table.js';
import { type AppOptions, loadModule, LOG_LEVELS, messageOf, serviceOf, withApp } from '../app.js';
import { type EndWith, ExitCode, UsageError } from '../exit-code.js';
import { print } from '../output.js';

interface Checked {
  ok: boolean;
  /** What keeps the app from starting, or its links from working. */
  problem?: string;
  keys: { kid: string; alg: string; signs: boolean }[];
  routes: { name: string; paths: string[]; scope?: string; confirm: boolean }[];
  warnings: string[];
}

export function addCheck(program: Command, endWith: EndWith): void {
  withApp(
    program
      .command('check')
      .description('checks schema, keys and routes as the start of the app does; ends with 1 if that fails'),
  ).action(async (options: AppOptions) => {
    const checked = await check(options);
    print(options.json, checked, () => linesOf(checked));
    if (!checked.ok) endWith(ExitCode.Failed);
  });
}

async function check(options: AppOptions): Promise<Checked> {
  const logger = new CollectingLogger();
  const nothing = { keys: [], routes: [] };
  let app: INestApplication | undefined;
  try {
    app = await NestFactory.create(await loadModule(options), { logger, abortOnError: false });
    // As listen() does, and on no port.
    await app.init();
    serviceOf(app);
    return { ok: true, ...whatThereIs(app), warnings: logger.warnings };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const problem = messageOf(error);
    return { ok: false, problem, ...nothing, warnings: logger.warnings };
  } finally {
    await app?.close();
  }
}

function whatThereIs(app: INestApplication): Pick<Checked, 'keys' | 'routes'> {
  const paths = app.get(RoutePaths, { strict: false });
  return {
    keys: app.get(KeyRing, { strict: false }).summary(),
    routes: app
      .get(RouteTable, { strict: false })
      .all()
      .map((route) => ({
        name: route.name,
        paths: paths.of(route),
        scope: route.options.scope,
        confirm: Boolean(route.options.confirm),
      })),
  };
}

const linesOf = ({ ok, problem, keys, routes, warnings }: Checked): string[] => [
  ok ? 'The app starts: its database is as this version needs it.' : `The app does not start: ${problem}`,
  ...keys.map(({ kid, alg, signs }) => `key ${kid}, ${alg}${signs ? ', signs new links' : ', verifies'}`),
  ...routes.map(({ name, paths, scope, confirm }) =>
    [`route ${name}`, paths.join(' '), scope && `scope ${scope}`, confirm && 'asks to confirm']
      .filter(Boolean)
      .join(', '),
  ),
  ...warnings.map((warning) => `warning: ${warning}`),
];

/** Keeps what the library warns of, and lets all other words through. */
class CollectingLogger extends ConsoleLogger {
  readonly warnings: string[] = [];

  constructor() {
    super({ logLevels: LOG_LEVELS });
  }

  override warn(message: unknown, ...rest: unknown[]): void {
    if (rest.at(-1) === LOG_CONTEXT) this.warnings.push(String(message));
    else super.warn(message, ...(rest as string[]));
  }

  override error(message: unknown, ...rest: unknown[]): void {
    // Nest logs, with its stack, why the app does not start. That is told once, at the end.
    if (rest.at(-1) !== 'ExceptionHandler') super.error(message, ...(rest as string[]));
  }
}
