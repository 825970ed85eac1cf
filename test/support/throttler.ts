import * as asyncHooks from 'node:async_hooks';
import * as crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as net from 'node:net';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import type * as Throttler from '@nestjs/throttler';

/**
 * Stands for `@nestjs/throttler` in tests, and runs its own files: it is a CommonJS package that requires Nest,
 * whose version 12 are ES modules. Node.js can do that, and Jest only with Node.js 24.9 or later.
 */
const dist = new URL('../../node_modules/@nestjs/throttler/dist/', import.meta.url);

const modules: Record<string, unknown> = {
  '@nestjs/common': common,
  '@nestjs/core': core,
  async_hooks: asyncHooks,
  net,
  'node:crypto': crypto,
};

function load(name: string): unknown {
  if (Object.hasOwn(modules, name)) return modules[name];
  const exports = (modules[name] = {});
  const code = readFileSync(new URL(`${name}.js`, dist), 'utf8');
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const run = new Function('exports', 'require', code) as (exports: object, require: typeof load) => void;
  run(exports, load);
  return exports;
}

export const {
  getStorageToken,
  InjectThrottlerStorage,
  minutes,
  ThrottlerException,
  ThrottlerGuard,
  ThrottlerModule,
} = load('./index') as typeof Throttler;
