import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DynamicModule, INestApplicationContext, LogLevel, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Command } from 'commander';
import { TokenService } from '../token/token.service.js';
import { UsageError } from './exit-code.js';

type AppModule = Type<object> | DynamicModule;

export interface AppOptions {
  /** File of the app's module, compiled. */
  app: string;
  /** Which of its exports is the module. */
  export?: string;
  json?: boolean;
}

/** Adds the options of every command that is about an app. */
export const withApp = (command: Command): Command =>
  command
    .requiredOption('--app <file>', "the app's module, compiled, such as dist/app.module.js")
    .option('--export <name>', 'which export of that file it is, if it has several')
    .option('--json', 'print JSON');

/** Of what the app logs, operators get what they may have to do something about. */
export const LOG_LEVELS: LogLevel[] = ['warn', 'error', 'fatal'];

/** Does something with the app's own options and DataSource, and closes the app. */
export async function withTokens<Result>(
  options: AppOptions,
  work: (tokens: TokenService) => Promise<Result>,
): Promise<Result> {
  const app = await start(options);
  try {
    return await work(serviceOf(app));
  } finally {
    await app.close();
  }
}

async function start(options: AppOptions): Promise<INestApplicationContext> {
  try {
    return await NestFactory.createApplicationContext(await loadModule(options), {
      logger: LOG_LEVELS,
      abortOnError: false,
    });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // Whatever the app throws, a TypeError as well, is no wrong usage of the command.
    throw new Error(`The app does not start: ${messageOf(error)}`, { cause: error });
  }
}

/** Node.js has no message of its own for connections that failed to each address of a host. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** @throws UsageError if the app has no RequestTokenModule */
export function serviceOf(app: INestApplicationContext): TokenService {
  try {
    return app.get(TokenService, { strict: false });
  } catch (error) {
    throw new UsageError('The app does not import RequestTokenModule.', { cause: error });
  }
}

/**
 * The module that a file exports: the default export, the one that is asked for, or the only class. A function that is
 * no class makes it.
 *
 * @throws UsageError if there is none
 */
export async function loadModule({ app: file, export: name }: AppOptions): Promise<AppModule> {
  const path = resolve(file);
  if (!existsSync(path)) throw new UsageError(`There is no file ${file}. Build the app first.`);
  const exported = flat((await import(pathToFileURL(path).href)) as Record<string, unknown>);
  const chosen = name === undefined ? chooseFrom(exported, file) : exported[name];
  if (chosen === undefined) throw new UsageError(`${file} has no export ${name}.`);
  const made: unknown = isFactory(chosen) ? await chosen() : chosen;
  if (typeof made === 'function' || isDynamicModule(made)) return made as AppModule;
  throw new UsageError(`The export of ${file} is no module of Nest.`);
}

/** Of CommonJS, all exports stand in the default one as well. */
function flat(exported: Record<string, unknown>): Record<string, unknown> {
  const whole = exported.default;
  const isBag = typeof whole === 'object' && whole !== null && !isDynamicModule(whole);
  return isBag ? { ...exported, default: undefined, ...whole } : exported;
}

function chooseFrom(exported: Record<string, unknown>, file: string): unknown {
  if (exported.default !== undefined) return exported.default;
  const classes = Object.entries(exported).filter(([, value]) => isClass(value));
  if (classes.length === 1) return classes[0][1];
  if (classes.length === 0) throw new UsageError(`${file} exports no class.`);
  const names = classes.map(([name]) => name).join(', ');
  throw new UsageError(`${file} exports ${names}: say which is the module, with --export.`);
}

const isClass = (value: unknown): boolean =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

const isFactory = (value: unknown): value is () => unknown => typeof value === 'function' && !isClass(value);

const isDynamicModule = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && typeof (value as DynamicModule).module === 'function';
