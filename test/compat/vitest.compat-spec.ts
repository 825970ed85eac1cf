import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '../support/database.js';
import { createAppDatabase, filesOfDocs, writeFiles } from './docs-app.js';
import { run } from './run.js';
import { STACKS } from './stacks.js';

/** Of the Nest CLI 12, but for its plugin for paths, which nothing here has. */
const CONFIG = `
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { globals: true, root: './', include: ['**/*.e2e-spec.ts'] },
});
`;
const TSCONFIG = {
  module: 'nodenext',
  moduleResolution: 'nodenext',
  target: 'ES2023',
  emitDecoratorMetadata: true,
  experimentalDecorators: true,
  esModuleInterop: true,
  isolatedModules: true,
  strict: true,
  strictPropertyInitialization: false,
  skipLibCheck: true,
  types: ['vitest/globals', 'node'],
};

describe('An app of the Nest CLI 12', () => {
  let folder: string;
  let database: TestDatabase;

  beforeAll(async () => {
    const { COMPAT_FOLDER, COMPAT_TARBALL } = process.env;
    if (!COMPAT_FOLDER || !COMPAT_TARBALL) throw new Error('Run this with `npm run test:compat`.');
    folder = join(COMPAT_FOLDER, 'vitest');
    await mkdir(folder);
    const { '@nestjs/platform-fastify': _fastify, ...stack } = STACKS.nest12.dependencies;
    const dependencies = {
      ...stack,
      '@nestjs/testing': '12.1.1',
      'nestjs-request-token': `file:${COMPAT_TARBALL}`,
      vitest: '4.1.12',
    };
    const { 'test/links.e2e-spec.ts': spec, ...files } = await filesOfDocs();
    await writeFiles(folder, {
      ...files,
      'package.json': JSON.stringify({ name: 'app', private: true, type: 'module', dependencies }),
      'tsconfig.json': JSON.stringify({ compilerOptions: TSCONFIG }),
      'vitest.config.e2e.ts': CONFIG,
      'test/links.e2e-spec.ts': spec.replace("'@jest/globals'", "'vitest'"),
    });
    const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    const installed = await run(folder, 'npm', [...install, '--loglevel=error']);
    if (installed.code !== 0) throw new Error(installed.output);
    database = await createAppDatabase();
  }, 300_000);

  afterAll(() => database?.drop());

  it('tests its links with Vitest as docs/testing.md says, again and again on one database', async () => {
    for (const round of [1, 2]) {
      const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', './vitest.config.e2e.ts'];
      const { code, output } = await run(folder, process.execPath, vitest, {
        DATABASE_URL: database.url,
        NO_COLOR: '1',
      });
      expect({ round, code, output }).toEqual({
        round,
        code: 0,
        output: expect.stringMatching(/Tests +4 passed \(4\)/),
      });
    }
  }, 180_000);
});
