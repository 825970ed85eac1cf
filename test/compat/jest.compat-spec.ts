import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { run } from './run.js';
import { STACKS } from './stacks.js';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

/** As they stand in the page that readers follow. */
async function fromDocs(): Promise<Record<string, string>> {
  const page = await read('docs/testing.md');
  const block = (language: string) => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(page)?.[1] ?? '';
  return {
    'test/links.e2e-spec.ts': block('ts'),
    'test/esm-packages.js': block('js'),
    'test/jest-e2e.json': block('json'),
    'test/environment.ts':
      "process.env.REQUEST_TOKEN_SECRET = 'a secret for tests that has more than 32 bytes';\n",
    'src/app.module.ts': (await read('test/e2e/docs/readme-example.ts')).replace('../../support/', './'),
    'src/user.entity.ts': await read('test/support/user.entity.ts'),
  };
}

const OPTIONS = {
  emitDecoratorMetadata: true,
  experimentalDecorators: true,
  target: 'ES2023',
  skipLibCheck: true,
};
/** Of the first Nest CLI 11, and of the last. */
const COMMONJS = { ...OPTIONS, module: 'commonjs', strictNullChecks: true };
const NODENEXT = { ...OPTIONS, module: 'nodenext', esModuleInterop: true, isolatedModules: true };

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
    await mkdir(join(folder, 'src'), { recursive: true });
    await mkdir(join(folder, 'test'));
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
    const files = {
      'package.json': JSON.stringify({
        name: 'app',
        version: '1.0.0',
        private: true,
        dependencies: packages,
      }),
      'tsconfig.json': JSON.stringify({ compilerOptions }),
      ...(await fromDocs()),
    };
    for (const [path, text] of Object.entries(files)) {
      // CommonJS apps import their files without an extension.
      const source = path.endsWith('.ts')
        ? text.replace(/((?:from|import) '\.{1,2}\/[^']*)\.js'/g, "$1'")
        : text;
      await writeFile(join(folder, path), source);
    }
    const installed = await run(folder, command, args);
    if (installed.code !== 0) throw new Error(installed.output);

    database = await createDatabase();
    const sql = new Client({ connectionString: database.url });
    await sql.connect();
    // As migrations of the app itself make it.
    await sql.query(
      'CREATE TABLE app_user (id serial PRIMARY KEY, name text NOT NULL, deleted_at timestamptz)',
    );
    await sql.end();
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
