import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { decodeProtectedHeader } from 'jose';
import { UseRequestToken } from 'nestjs-request-token';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { pathTo } from '../../support/docs.js';
import { SECRET, TestApp } from '../../support/test-app.js';
import { runCommand } from './run-command.js';

const APP = ['--app', pathTo('dist/apps/newsletter/src/operator.js')];

@Controller()
class LinksController {
  @Get('unsubscribe')
  @UseRequestToken({ scope: 'unsubscribe' })
  unsubscribe() {}
}

describe('npx request-token', () => {
  let database: TestDatabase;
  let app: TestApp;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'request-token-cli-'));
    database = await createDatabase();
    // Its migrations make the tables.
    expect((await run(['list', ...APP])).code).toBe(0);
    app = await TestApp.start({
      databaseUrl: database.url,
      controllers: [LinksController],
      dataSource: { synchronize: false },
    });
  }, 60_000);
  afterAll(async () => {
    await app?.close();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const run = (args: string[], { input, env = {} }: { input?: string; env?: object } = {}) =>
    runCommand(args, {
      cwd: folder,
      env: { DATABASE_URL: database.url, REQUEST_TOKEN_SECRET: SECRET, ...env },
      input,
    });
  const issue = () => app.tokens.issue({ scope: 'unsubscribe' });

  it('inspects a link, and ends with 1 if it does not work', async () => {
    const { url, jwt, token } = await issue();
    const good = await run(['inspect', url, ...APP]);
    expect(good).toMatchObject({ code: 0, error: '' });
    expect(good.out).toContain('It works.');
    expect(good.out).toContain(token.id);
    expect(good.out).not.toContain(jwt);
    await app.http.get('/unsubscribe').query({ rt: jwt }).expect(200);
    await app.tokens.settled();
    const bad = await run(['inspect', '-', '--json', ...APP], { input: `${url}\n` });
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.out)).toMatchObject({
      usable: false,
      code: 'token_exhausted',
      logs: [{ outcome: 'used' }],
    });
    expect((await run(['inspect', 'junk', ...APP])).code).toBe(1);
  }, 60_000);

  it('revokes a link by link and id, and many by scope', async () => {
    const [one, other, third] = [await issue(), await issue(), await issue()];
    expect(await run(['revoke', one.url, ...APP])).toMatchObject({ code: 0, out: '1 revoked.\n' });
    const { out } = await run(['revoke', other.token.id, '--json', ...APP]);
    expect(JSON.parse(out)).toEqual({ revoked: 1 });
    expect((await run(['revoke', '--scope', 'unsubscribe', ...APP])).code).toBe(0);
    expect(await app.row(third.token.id)).toMatchObject({ revokedAt: expect.any(Date) });
  }, 60_000);

  it('lists, counts and maintains, for people and for programs', async () => {
    const { token } = await issue();
    const listed = await run(['list', '--state', 'usable', '--json', ...APP]);
    expect(JSON.parse(listed.out)).toMatchObject({ items: [{ id: token.id, state: 'usable' }] });
    expect((await run(['list', '--state', 'usable', ...APP])).out).toMatch(
      new RegExp(`^ID .*\n${token.id} `),
    );
    const counted = await run(['statistics', '--by', 'scope', '--to', '2100-01-01', '--json', ...APP]);
    expect(counted.code).toBe(0);
    const recent = await run(['statistics', '--json', ...APP]);
    expect(JSON.parse(recent.out)).toEqual([expect.objectContaining({ issued: expect.any(Number) })]);
    const maintained = await run(['maintain', '--keep-logs', '1y', '--keep-tokens', '90d', '--json', ...APP]);
    expect(JSON.parse(maintained.out)).toEqual({
      logs: 0,
      tokens: 0,
      revocations: 0,
      released: 0,
      partitions: 0,
    });
  }, 60_000);

  it('checks schema, keys and routes, and ends with 1 if the app does not start', async () => {
    const good = await run(['check', '--json', ...APP]);
    expect(good.code).toBe(0);
    expect(JSON.parse(good.out)).toMatchObject({
      ok: true,
      keys: [{ alg: 'HS256', signs: true }],
      routes: [{ paths: ['/unsubscribe'], confirm: true }],
      warnings: [],
    });
    const bad = await run(['check', ...APP], { env: { REQUEST_TOKEN_SECRET: 'short' } });
    expect(bad.code).toBe(1);
    expect(bad.out).toContain('does not start');
    expect(bad.out).not.toContain('short ');
  }, 60_000);

  it.each([
    ['no command', []],
    ['an unknown command', ['explain', ...APP]],
    ['an unknown option', ['list', '--users', 'ann', ...APP]],
    ['no app', ['list']],
    ['an app that is not there', ['list', '--app', 'dist/nothing.js']],
    ['no such export', ['list', ...APP, '--export', 'Nothing']],
    ['a state that is none', ['list', '--state', 'lost', ...APP]],
    ['a date that is none', ['statistics', '--from', 'yesterday', ...APP]],
    ['a duration that is none', ['maintain', '--keep-logs', '90', ...APP]],
    ['nothing to revoke', ['revoke', ...APP]],
    ['both a link and a scope', ['revoke', 'abc', '--scope', 'rsvp', ...APP]],
    ['an empty link', ['inspect', '-', ...APP]],
    ['no such algorithm', ['keygen', '--alg', 'none']],
  ])(
    'ends with 2 for %s, and says what is wrong',
    async (_, args) => {
      const { code, error, out } = await run(args);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(error).not.toBe('');
    },
    30_000,
  );

  it('ends with 1, and a sentence, where the database cannot be reached', async () => {
    const { code, out, error } = await run(['list', ...APP], {
      env: { DATABASE_URL: 'postgres://127.0.0.1:1/none' },
    });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(error).toMatch(/^The app does not start: .*ECONNREFUSED.*\n$/m);
  }, 30_000);

  it.each(['HS256', 'HS384', 'HS512', 'ES256', 'EdDSA', 'RS256', 'PS256'])(
    'makes keys for %s that the module takes',
    async (alg) => {
      const { out, code } = await run(['keygen', '--alg', alg, '--json']);
      expect(code).toBe(0);
      const { secret, privateKey, env, kid } = JSON.parse(out) as Record<string, string>;
      expect(env).toMatch(/^REQUEST_TOKEN_(SECRET|PRIVATE_KEY)=/);
      const keyed = await TestApp.start({
        token: { keys: [{ alg: alg as 'HS256', ...(secret ? { secret } : { privateKey }) }] },
      });
      const { jwt } = await keyed.tokens.issue({ scope: 'unsubscribe' });
      expect(await keyed.tokens.verify(jwt)).toMatchObject({ sub: 'unsubscribe' });
      expect(decodeProtectedHeader(jwt).kid).toBe(kid);
      await keyed.close();
    },
    30_000,
  );

  it('prints a line that Node.js reads from a file', async () => {
    const { out } = await run(['keygen', '--alg', 'ES256', '--json']);
    const { env, privateKey } = JSON.parse(out) as Record<string, string>;
    const file = join(folder, '.env');
    await writeFile(file, `${env}\n`);
    const child = spawn(process.execPath, [
      `--env-file=${file}`,
      '-p',
      'process.env.REQUEST_TOKEN_PRIVATE_KEY',
    ]);
    expect((await text(child.stdout)).trim()).toBe(privateKey.trim());
  });
});
