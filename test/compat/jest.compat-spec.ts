import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '../support/database.js';
import { createAppDatabase, filesOfDocs, writeFiles } from './docs-app.js';
import { run } from './run.js';
import { STACKS } from './stacks.js';

const OPTIONS = {
  emitDecoratorMetadata: true,
  experimentalDecorators: true,
  target: 'ES2023',
  skipLibCheck: true,
};
/** Of the first Nest CLI 11, and of the last. */
const COMMONJS = { ...OPTIONS, module: 'commonjs', strictNullChecks: true };
const NODENEXT = { ...OPTIONS, module: 'nodenext', esModuleInterop: true, isolatedModules: true };

/** CommonJS apps import their files so. */
const withoutExtensions = (code: string) => code.replace(/((?:from|import) '\.{1,2}\/[^']*)\.js'/g, "$1'");

const QUIET = ['--ignore-scripts', '--loglevel=error'];

describe.each([
  ['npm', ['npm', 'install', ...QUIET, '--no-audit', '--no-fund', '--prefer-offline'], COMMONJS],
  ['pnpm', ['npx', '--yes', 'pnpm@10', 'install', ...QUIET], NODENEXT],
  ['yarn', ['npx', '--yes', 'yarn@1', 'install', '--ignore-scripts', '--silent'], COMMONJS],
])('A CommonJS app that %s has installed', (name, [command, ...args], compilerOptions) => {
  let folder: string;
  let database: TestDatabase;

  beforeAll(async () => {
    const { COMPAT_FOLDER, COMPAT_TARBALL } = process.env;
    if (!COMPAT_FOLDER || !COMPAT_TARBALL) throw new Error('Run this with `npm run test:compat`.');
    folder = join(COMPAT_FOLDER, `jest-${name}`);
    await mkdir(folder);
    // pnpm keeps the path of what it installs.
    await cp(COMPAT_TARBALL, join(folder, 'library.tgz'));
    const {
      '@nestjs/swagger': _swagger,
      '@nestjs/platform-fastify': _fastify,
      ...stack
    } = STACKS.nest11.dependencies;
    const packages = {
      ...stack,
      '@nestjs/testing': '11.2.6',
      'nestjs-request-token': 'file:./library.tgz',
      '@types/jest': '30.0.0',
      jest: '30.5.2',
      'ts-jest': '29.4.15',
    };
    const files = Object.entries({
      'package.json': JSON.stringify({
        name: 'app',
        version: '1.0.0',
        private: true,
        dependencies: packages,
      }),
      'tsconfig.json': JSON.stringify({ compilerOptions }),
      ...(await filesOfDocs()),
    }).map(([path, text]) => [path, path.endsWith('.ts') ? withoutExtensions(text) : text] as const);
    await writeFiles(folder, Object.fromEntries(files));
    const installed = await run(folder, command, args);
    if (installed.code !== 0) throw new Error(installed.output);

    database = await createAppDatabase();
  }, 300_000);

  afterAll(() => database?.drop());

  it('tests its links with jest as docs/testing.md says, again and again on one database', async () => {
    for (const round of [1, 2]) {
      const jest = ['node_modules/jest/bin/jest.js', '--config', 'test/jest-e2e.json'];
      const { code, output } = await run(folder, process.execPath, jest, { DATABASE_URL: database.url });
      expect({ round, code, output }).toEqual({
        round,
        code: 0,
        output: expect.stringMatching(/Tests: +4 passed, 4 total/),
      });
    }
  }, 180_000);
});
