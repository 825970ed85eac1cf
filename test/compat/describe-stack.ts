import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { waitFor } from '../support/wait-for.js';
import { commandCases } from './command-cases.js';
import { packageCases } from './package-cases.js';
import { Project } from './project.js';
import { type Issued, type LogRow, requestCases } from './request-cases.js';
import type { Stack } from './stacks.js';

/** Installing from npm takes its time. */
const INSTALL_MS = 180_000;

/** The same cases for every stack: from outside, over HTTP, and in the database's own words. */
export function describeStack(stack: Stack): void {
  describe(stack.name, () => {
    let project: Project;

    beforeAll(async () => {
      const { COMPAT_FOLDER, COMPAT_TARBALL } = process.env;
      if (!COMPAT_FOLDER || !COMPAT_TARBALL) throw new Error('Run this with `npm run test:compat`.');
      project = await Project.create(stack, COMPAT_FOLDER, COMPAT_TARBALL);
    }, INSTALL_MS);

    afterAll(() => project?.close());

    describe('the package', () => packageCases(() => project, stack));

    describe('npx request-token', () => commandCases(() => project));

    describe.each(['express', 'fastify'])('on %s', (adapter) => {
      let database: TestDatabase;
      let sql: Client;

      beforeAll(async () => {
        database = await createDatabase();
        sql = new Client({ connectionString: database.url });
        await sql.connect();
      });

      afterAll(async () => {
        await sql?.end();
        await database?.drop();
      });

      const start = (registration: string) =>
        project.start({
          ADAPTER: adapter,
          REGISTRATION: registration,
          DATABASE_URL: database.url,
          REQUEST_TOKEN_SECRET: 'a secret for compatibility tests with more than 32 bytes',
        });

      describe('requests', () =>
        requestCases(
          () => start('forRoot'),
          () => sql,
        ));

      test.each(['useFactory', 'useClass', 'useExisting'])('forRootAsync with %s', async (registration) => {
        const app = await start(registration);
        try {
          const { url } = await app.ask<Issued>('issue', {
            user: 2,
            scope: 'open',
            target: '/api/v1/links/open',
          });
          const { status, json } = await app.request(url);
          expect({ status, json }).toMatchObject({ status: 200, json: { user: { id: 2, name: 'Grace' } } });
          expect((await app.request(url)).json).toMatchObject({ code: 'token_exhausted' });
        } finally {
          await app.kill();
        }
      });

      test('a missing secret keeps the app from starting, and the message says so', async () => {
        const env = { ADAPTER: adapter, DATABASE_URL: database.url };
        await expect(project.start(env)).rejects.toThrow(/keys is missing/);
      });

      test('a use is settled before the process ends on SIGTERM', async () => {
        const app = await start('forRoot');
        const { id, url } = await app.ask<Issued>('issue', {
          user: 1,
          scope: 'slow',
          target: '/api/v1/links/slow',
        });
        const answer = app.requestAlone(url);
        const outcome = async () => {
          const { rows } = await sql.query<LogRow>('SELECT * FROM request_token_log WHERE token_id = $1', [
            id,
          ]);
          return rows[0]?.outcome;
        };
        await waitFor(
          async () => ((await outcome()) === 'pending' ? true : undefined),
          () => 'the use to be taken',
        );
        const [status, end] = await Promise.all([answer, app.stop()]);
        expect({ status, end, outcome: await outcome() }).toEqual({
          status: 200,
          end: 'SIGTERM',
          outcome: 'used',
        });
        expect(app.output).not.toMatch(/ERROR/);
      });
    });
  });
}
