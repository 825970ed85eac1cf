import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/database.js';
import type { Project } from './project.js';

/** The command that the package brings, as operators call it. */
export function commandCases(project: () => Project): void {
  let database: TestDatabase;
  beforeAll(async () => (database = await createDatabase()));
  afterAll(() => database?.drop());

  const run = (...args: string[]) =>
    project().npx(['request-token', ...args], {
      DATABASE_URL: database.url,
      REQUEST_TOKEN_SECRET: 'a secret for compatibility tests with more than 32 bytes',
    });

  test('makes keys, without an app', async () => {
    const { code, output } = await run('keygen', '--json');
    expect({ code, key: JSON.parse(output) as unknown }).toMatchObject({
      code: 0,
      key: { alg: 'HS256', env: expect.stringMatching(/^REQUEST_TOKEN_SECRET=/) },
    });
  });

  test("starts the app's own module", async () => {
    const { code, output } = await run('list', '--json', '--app', 'dist/app.module.js');
    expect({ code, page: JSON.parse(output) as unknown }).toEqual({ code: 0, page: { items: [] } });
  });

  test('checks its keys and routes', async () => {
    const { code, output } = await run('check', '--app', 'dist/app.module.js');
    expect(code).toBe(0);
    expect(output).toMatch(/^The app starts/);
    expect(output).toMatch(/^key \S+, HS256, signs new links$/m);
    expect(output).toMatch(/^route LinksController\.open, /m);
  });

  test('ends with 2 where it is used wrongly', async () => {
    expect(await run('list')).toEqual({ code: 2, output: expect.stringContaining('--app') });
  });
}
