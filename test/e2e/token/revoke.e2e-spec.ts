import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RequestToken, RevokeError } from 'nestjs-request-token';
import { v7 } from 'uuid';
import { QueryCounter } from '../../support/query-counter.js';
import { TestApp } from '../../support/test-app.js';
import { waitFor } from '../../support/wait-for.js';

const MANY = 21_000;

describe('revoke, of many tokens,', () => {
  const counter = new QueryCounter();
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ dataSource: counter.dataSource });
  });
  afterAll(() => app.close());

  const fill = async (scope: string, count: number) => {
    const options = Array.from({ length: count }, () => ({ scope }));
    for await (const issued of app.tokens.issueMany(options, { batchSize: 5_000 })) void issued;
  };
  const revokedOf = (scope: string) =>
    app.dataSource
      .query<{ count: number }[]>(
        `SELECT count(*)::int FROM request_token WHERE scope = $1 AND revoked_at IS NOT NULL`,
        [scope],
      )
      .then(([{ count }]) => count);

  it('revokes all of them a few at a time, and no other', async () => {
    await fill('many', MANY);
    await fill('other', 3);
    counter.queries = [];
    expect(await app.tokens.revoke({ scope: 'many' })).toBe(MANY);
    expect(counter.queries.length).toBeGreaterThan(MANY / 1_000);
    expect(await revokedOf('many')).toBe(MANY);
    expect(await revokedOf('other')).toBe(0);
    expect(await app.tokens.revoke({ scope: 'many' })).toBe(0);
  });

  it('reads the table once, in the order of ids, and none that was found before again', async () => {
    await app.dataSource.query(
      `INSERT INTO request_token (id, scope, login_mode, issued_at) SELECT gen_random_uuid(), 'once', 'none', now() FROM generate_series(1, $1)`,
      [2 * MANY],
    );
    counter.queries = [];
    expect(await app.tokens.revoke({ scope: 'once' })).toBe(2 * MANY);
    const finds = counter.queries.filter((query) => query.includes('LIMIT $1'));
    expect(finds).toHaveLength(3);
    expect(finds.map((query) => /"id" > \$\d/.test(query))).toEqual([false, true, true]);
    for (const query of finds) expect(query).toContain('ORDER BY token."id"');
    expect(await revokedOf('once')).toBe(2 * MANY);
  }, 30_000);

  it('leaves those that somebody has locked for the end, and waits for these', async () => {
    await fill('held', 1_000);
    const [{ id }] = await app.dataSource.manager.find(RequestToken, { where: { scope: 'held' }, take: 1 });
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT FROM request_token WHERE id = $1 FOR UPDATE', [id]);
    const revoked = app.tokens.revoke({ scope: 'held' });
    await waitFor(
      async () => (await revokedOf('held')) === 999 || undefined,
      () => 'the others to be revoked',
    );
    await runner.commitTransaction();
    await runner.release();
    expect(await revoked).toBe(1_000);
    expect((await app.row(id)).revokedAt).not.toBeNull();
  });

  it('says how many are revoked when it fails, and goes on when it is called again', async () => {
    await fill('stuck', 1_000);
    const [{ id }] = await app.dataSource.query<{ id: string }[]>(
      `SELECT id FROM request_token WHERE scope = 'stuck' ORDER BY id DESC LIMIT 1`,
    );
    await app.dataSource.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$;
      CREATE TRIGGER refuse BEFORE UPDATE ON request_token
        FOR EACH ROW WHEN (NEW.id = '${id}') EXECUTE FUNCTION refuse()`);
    const failure: unknown = await app.tokens.revoke({ scope: 'stuck' }).catch((error: unknown) => error);
    const revoked = await revokedOf('stuck');
    expect(failure).toBeInstanceOf(RevokeError);
    expect(failure).toMatchObject({ revoked, message: expect.stringContaining('not this one') });
    expect(revoked).toBeGreaterThan(0);
    await app.dataSource.query('DROP FUNCTION refuse CASCADE');
    expect(await app.tokens.revoke({ scope: 'stuck' })).toBe(1_000 - revoked);
  });

  it('means tokens of every id, those of a server whose clock is ahead included', async () => {
    const { token } = await app.tokens.issue({ scope: 'ahead' });
    const ids = [v7({ msecs: Date.now() + 3_600_000 }), randomUUID()];
    for (const id of ids) await app.dataSource.manager.save(Object.assign(new RequestToken(), token, { id }));
    expect(await app.tokens.revoke({ scope: 'ahead' })).toBe(3);
    expect(await revokedOf('ahead')).toBe(3);
  });

  it('does not mean those that are issued meanwhile', async () => {
    await fill('growing', 2_000);
    const revoked = app.tokens.revoke({ scope: 'growing' });
    await waitFor(
      async () => (await revokedOf('growing')) > 0 || undefined,
      () => 'the first to be revoked',
    );
    const { token } = await app.tokens.issue({ scope: 'growing' });
    expect(await revoked).toBe(2_000);
    expect((await app.row(token.id)).revokedAt).toBeNull();
  });
});
