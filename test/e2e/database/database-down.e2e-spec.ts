import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.js';
import { TestApp } from '../../support/test-app.js';
import { User } from '../../support/user.entity.js';
import { waitFor } from '../../support/wait-for.js';

let runs = 0;

@Controller()
class PagesController {
  @Get('member')
  @UseRequestToken({ scope: 'page' })
  member() {
    runs++;
  }

  @Get('ignoring')
  @UseRequestToken({ scope: 'page', required: false, onInvalid: 'ignore' })
  ignoring() {
    runs++;
  }

  @Get('plain')
  plain() {
    return 'plain';
  }
}

describe.each(ADAPTER_NAMES)('%s: While the database is down', (adapter) => {
  let server: PostgresServer;
  let app: TestApp;
  let ann: User;
  beforeAll(async () => {
    runs = 0;
    server = await startPostgres();
    app = await TestApp.start({
      adapter,
      controllers: [PagesController],
      entities: [User],
      databaseUrl: server.url,
      token: { users: { entity: User } },
    });
    ann = await app.dataSource.manager.save(User, { name: 'Ann' });
  });
  afterAll(async () => {
    await app.close();
    await server.destroy();
  });

  it('the answer is 503, nothing is served, and nothing is counted; afterwards the link works', async () => {
    const issued = await Promise.all([
      app.tokens.issue({ user: ann, scope: 'page' }),
      app.tokens.issue({ user: ann, scope: 'page', loginMode: 'none' }),
    ]);
    await server.stop();
    for (const { jwt } of issued) {
      for (const path of ['/member', '/ignoring']) {
        const { body, headers } = await app.http.get(path).query({ rt: jwt }).expect(503);
        expect(body).toMatchObject({ statusCode: 503, message: expect.stringContaining('try again') });
        expect(JSON.stringify(body)).not.toMatch(/ECONNREFUSED|127\.0\.0\.1|SELECT|UPDATE/);
        expect(headers['cache-control']).toBe('no-store');
        await app.http.head(path).query({ rt: jwt }).expect(503);
      }
    }
    expect(runs).toBe(0);

    await server.start();
    for (const { jwt, token } of issued) {
      expect((await app.row(token.id)).useCount).toBe(0);
      await app.http.get('/member').query({ rt: jwt }).expect(200);
      expect(await app.settledLogs(token.id)).toMatchObject([{ outcome: 'used' }]);
    }
  });

  it('what the JWT alone tells is refused as ever, and other routes work', async () => {
    const { jwt } = await app.tokens.issue({ user: ann, scope: 'other' });
    await server.stop();
    const { body } = await app.http.get('/member').query({ rt: jwt }).expect(403);
    expect(body.code).toBe('token_scope_mismatch');
    await app.http.get('/plain').expect(200);
    await server.start();
  });

  it('an answer goes out although its use cannot be settled, which is tried again until it can', async () => {
    const { jwt, token } = await app.tokens.issue({ user: ann, scope: 'page' });
    // Claims insert into the log, settling updates it. A sequence keeps its value when all else is rolled back.
    await app.dataSource.query(`
      CREATE SEQUENCE attempts;
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM nextval('attempts'); RAISE 'no settling today'; END $$;
      CREATE TRIGGER refuse BEFORE UPDATE ON request_token_log FOR EACH ROW EXECUTE FUNCTION refuse()`);
    await app.http.get('/member').query({ rt: jwt }).expect(200);
    await waitFor(
      async () => {
        const [{ is_called }] =
          await app.dataSource.query<{ is_called: boolean }[]>('SELECT * FROM attempts');
        return is_called || undefined;
      },
      () => 'an attempt to settle',
    );
    expect(await app.logs(token.id)).toMatchObject([{ outcome: 'pending', statusCode: null }]);
    expect((await app.row(token.id)).useCount).toBe(1);
    await app.dataSource.query('DROP FUNCTION refuse CASCADE');
    expect(await app.settledLogs(token.id)).toMatchObject([{ outcome: 'used', statusCode: 200 }]);
  });

  it('a use whose log row cannot be written is not given out: 503', async () => {
    const { jwt, token } = await app.tokens.issue({ user: ann, scope: 'page' });
    await app.dataSource.query('ALTER TABLE request_token_log RENAME TO away');
    await app.http.get('/member').query({ rt: jwt }).expect(503);
    await app.dataSource.query('ALTER TABLE away RENAME TO request_token_log');
    expect((await app.row(token.id)).useCount).toBe(0);
  });
});
