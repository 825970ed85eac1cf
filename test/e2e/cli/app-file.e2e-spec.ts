import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { pathTo } from '../../support/docs.js';
import { SECRET } from '../../support/test-app.js';
import { type CommandResult, runCommand } from './run-command.js';

/** As TypeScript compiles it to CommonJS. It talks, as apps do. */
const APP = `
  require('reflect-metadata');
  const { Module, Logger } = require('@nestjs/common');
  const { TypeOrmModule } = require('@nestjs/typeorm');
  const pino = require('pino');
  const { RequestTokenModule, requestTokenMigrations } = require(${JSON.stringify(pathTo('dist/libs/request-token/src/index.js'))});

  console.log('loaded');
  class AppModule {
    constructor() {
      console.log('made');
      process.stdout.write('written\\n');
      new Logger('App').warn('careful');
      new Logger('App').error('broken');
      pino().info('by pino');
    }
  }
  Module({
    imports: [
      TypeOrmModule.forRoot({
        type: 'postgres',
        url: process.env.DATABASE_URL,
        autoLoadEntities: true,
        migrations: requestTokenMigrations,
        migrationsRun: true,
        logging: true,
      }),
      RequestTokenModule.forRoot({ keys: process.env.REQUEST_TOKEN_SECRET, baseUrl: 'https://example.com' }),
    ],
  })(AppModule);`;

const FILES = {
  'only-class.js': `${APP} exports.AppModule = AppModule; exports.NAME = 'app';`,
  'default.js': `const { AppModule } = require('./only-class.js'); exports.default = AppModule; exports.Other = class Other {};`,
  'module-exports.js': `module.exports = require('./only-class.js').AppModule;`,
  'function.js': `const { AppModule } = require('./only-class.js'); exports.default = async () => ({ module: AppModule });`,
  'es-module.mjs': `export { AppModule } from './only-class.js';`,
  'es-default.mjs': `import { AppModule } from './only-class.js'; export default { module: AppModule };`,
  'several.mjs': `export { AppModule } from './only-class.js'; export class Other {}`,
  'no-module.js': `exports.NAME = 'app'; exports.default = 7;`,
  'no-class.js': `exports.NAME = 'app';`,
  'no-tokens.js': `require('reflect-metadata');
    exports.default = class AppModule {}; require('@nestjs/common').Module({})(exports.default);`,
  'throws.js': `throw new TypeError('cannot be loaded');`,
  'main.js': `require('./only-class.js'); console.log('it serves');`,
};

describe('The file that --app names', () => {
  let database: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'request-token-app-'));
    await symlink(pathTo('node_modules'), join(folder, 'node_modules'));
    for (const [name, code] of Object.entries(FILES)) await writeFile(join(folder, name), code);
    database = await createDatabase();
  });
  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });
  const list = (...app: string[]): Promise<CommandResult> =>
    runCommand(['list', '--json', '--app', ...app], {
      cwd: folder,
      env: { DATABASE_URL: database.url, REQUEST_TOKEN_SECRET: SECRET },
    });

  it.each([
    ['the only class of CommonJS', ['only-class.js']],
    ['the default export of CommonJS', ['default.js']],
    ['what CommonJS is instead of its exports', ['module-exports.js']],
    ['what an async function makes', ['function.js']],
    ['the only class of an ES module', ['es-module.mjs']],
    ['a dynamic module', ['es-default.mjs']],
    ['one of several, by name', ['several.mjs', '--export', 'AppModule']],
  ])(
    'exports the module: %s; and what the app prints is no output of the command',
    async (_, app) => {
      const { code, out, error } = await list(...app);
      expect(error).toContain('careful');
      for (const said of ['loaded', 'made', 'written', 'by pino', 'SELECT']) expect(error).toContain(said);
      expect({ code, out: JSON.parse(out) as unknown }).toEqual({ code: 0, out: { items: [] } });
    },
    30_000,
  );

  it.each([
    ['exports several classes', 'several.mjs', 'say which is the module, with --export'],
    ['exports no module', 'no-module.js', 'no module of Nest'],
    ['exports no class', 'no-class.js', 'exports no class'],
    ['starts an app instead', 'main.js', 'exports no class'],
    ['has no RequestTokenModule', 'no-tokens.js', 'does not import RequestTokenModule'],
  ])(
    'is refused as wrong usage where it %s',
    async (_, app, problem) => {
      const { code, out, error } = await list(app);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(error).toContain(problem);
    },
    30_000,
  );

  it('is checked, and what the app logs meanwhile is told, but for why it does not start, which is told once', async () => {
    const check = (env: NodeJS.ProcessEnv) =>
      runCommand(['check', '--json', '--app', 'only-class.js'], {
        cwd: folder,
        env: { DATABASE_URL: database.url, ...env },
      });
    const good = await check({ REQUEST_TOKEN_SECRET: SECRET });
    expect(JSON.parse(good.out)).toMatchObject({ ok: true });
    for (const said of ['careful', 'broken', 'by pino']) expect(good.error).toContain(said);
    const bad = await check({ REQUEST_TOKEN_SECRET: 'short' });
    expect(bad.code).toBe(1);
    const { ok, problem } = JSON.parse(bad.out) as { ok: boolean; problem: string };
    expect(ok).toBe(false);
    expect(bad.error).not.toContain(problem);
  }, 60_000);

  it('is told about where it fails', async () => {
    const { code, out, error } = await list('throws.js');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(error).toBe('The app does not start: cannot be loaded\n');
  }, 30_000);
});
