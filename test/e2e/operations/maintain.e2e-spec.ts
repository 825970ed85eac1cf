import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import {
  createRequestTokenMigrations,
  type MaintainOptions,
  RequestToken,
  RequestTokenLog,
  requestTokenEntities,
  requestTokenMigrations,
  type RequestTokenMigrationsOptions,
  RequestTokenRevocation,
  UseRequestToken,
} from 'nestjs-request-token';
import { DataSource, DefaultNamingStrategy } from 'typeorm';
import { RequestTokenClock } from '../../../libs/request-token/src/common/clock.js';
import { leastIdAt } from '../../../libs/request-token/src/common/uuid.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { TestApp } from '../../support/test-app.js';

@Controller()
class LinksController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {}
}

const DAY_MS = 86_400_000;
const NOTHING = { logs: 0, tokens: 0, revocations: 0, released: 0, partitions: 0 };
const ago = (days: number) => new Date(Date.now() - days * DAY_MS);
const uuidAt = (time: Date, n: number): string => {
  const hex = time.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`;
};

describe('maintain', () => {
  let app: TestApp;
  beforeAll(async () => (app = await TestApp.start({ controllers: [LinksController] })));
  beforeEach(() =>
    app.dataSource.query(
      'TRUNCATE request_token, request_token_log, request_token_revocation, request_token_statistic',
    ),
  );
  afterAll(() => app.close());

  const change = (id: string, row: object) => app.dataSource.manager.update(RequestToken, { id }, row);
  const tokensLeft = () => app.dataSource.manager.count(RequestToken);
  const issue = (options: object = {}) => app.tokens.issue({ scope: 'rsvp', ...options });
  const use = async (jwt: string) => {
    await app.http.get('/rsvp').query({ rt: jwt }).expect(200);
    await app.tokens.settled();
  };

  it('does nothing that it was not asked for', async () => {
    const { jwt, token } = await issue({ expiresIn: '1h' });
    await use(jwt);
    await change(token.id, { expiresAt: ago(1_000) });
    expect(await app.tokens.maintain({})).toEqual(NOTHING);
    expect(await app.tokens.maintain()).toEqual(NOTHING);
    expect(await tokensLeft()).toBe(1);
  });

  it('deletes log rows that are older than it is told, in batches', async () => {
    const { token } = await issue();
    const log = (days: number, n: number) => ({
      ...{ id: uuidAt(ago(days), n), tokenId: token.id, startedAt: ago(days), outcome: 'used' as const },
    });
    const old = Array.from({ length: 25 }, (_, n) => log(100 - n, n));
    await app.dataSource.manager.insert(RequestTokenLog, [...old, log(10, 100), log(0, 101)]);
    expect(await app.tokens.maintain({ keepLogs: '30d', batchSize: 4 })).toEqual({ ...NOTHING, logs: 25 });
    expect(await app.dataSource.manager.count(RequestTokenLog)).toBe(2);
    expect(await app.tokens.maintain({ keepLogs: '30d' })).toEqual(NOTHING);
  });

  it('deletes log rows by when they began, whatever their ids say', async () => {
    const { jwt } = await issue();
    await use(jwt);
    await app.dataSource.manager.update(RequestTokenLog, { outcome: 'used' }, { startedAt: ago(40) });
    expect(await app.tokens.maintain({ keepLogs: '30d' })).toMatchObject({ logs: 1 });
  });

  it('keeps log rows of uses that are pending, and what they are needed for', async () => {
    const { jwt } = await issue();
    await use(jwt);
    await app.dataSource.manager.update(
      RequestTokenLog,
      { outcome: 'used' },
      { outcome: 'pending', startedAt: ago(40) },
    );
    expect(await app.tokens.maintain({ keepLogs: '30d' })).toEqual(NOTHING);
    expect(await app.tokens.maintain({ keepLogs: '30d', releasePending: '1h' })).toMatchObject({
      released: 1,
      logs: 1,
    });
  });

  it('does not delete what somebody prolongs meanwhile', async () => {
    const { token } = await issue();
    await change(token.id, { expiresAt: ago(40) });
    await app.dataSource.transaction(async (manager) => {
      // Whoever deletes waits for it.
      await manager.query('SELECT pg_advisory_xact_lock(1920233062)');
      const maintained = app.tokens.maintain({ keepTokens: '30d' });
      await new Promise((resolve) => setTimeout(resolve, 300));
      await change(token.id, { expiresAt: null });
      await manager.query('COMMIT');
      await manager.query('BEGIN');
      expect(await maintained).toEqual(NOTHING);
    });
    expect(await tokensLeft()).toBe(1);
  });

  it('deletes tokens that have ended, with their log: expired, revoked, used up', async () => {
    const expired = await issue();
    const revoked = await issue();
    const usedUp = await issue();
    const others = [await issue(), await issue({ expiresIn: '1h' }), await issue()];
    await use(usedUp.jwt);
    await use(others[0].jwt);
    await change(expired.token.id, { expiresAt: ago(31) });
    await change(revoked.token.id, { revokedAt: ago(31) });
    await app.dataSource.manager.update(
      RequestTokenLog,
      { tokenId: usedUp.token.id },
      { startedAt: ago(31) },
    );
    // That has ended, but not for so long.
    await change(others[2].token.id, { expiresAt: ago(29) });
    expect(await app.tokens.maintain({ keepTokens: '30d', batchSize: 2 })).toEqual({ ...NOTHING, tokens: 3 });
    const left = await app.dataSource.manager.find(RequestToken);
    expect(left.map(({ id }) => id).sort()).toEqual(others.map(({ token }) => token.id).sort());
    expect(await app.dataSource.manager.count(RequestTokenLog)).toBe(1);
  });

  it.each([{ expiresAt: ago(40) }, { revokedAt: ago(40) }])(
    'keeps the row of a deferred token until its JWT has expired, whatever the row says: %j',
    async (row) => {
      const { jwt, token } = await issue({ deferred: true, expiresIn: '1h' });
      await use(jwt);
      await change(token.id, row);
      expect(await app.tokens.maintain({ keepTokens: 0 })).toEqual(NOTHING);
      await app.http.get('/rsvp').query({ rt: jwt }).expect(403);
      await change(token.id, { deferredUntil: ago(1) });
      expect(await app.tokens.maintain({ keepTokens: 0 })).toMatchObject({ tokens: 1 });
    },
  );

  it('keeps a token with a use that is pending', async () => {
    const { jwt, token } = await issue({ maxUses: 2 });
    await use(jwt);
    await change(token.id, { expiresAt: ago(40) });
    await app.dataSource.manager.update(
      RequestTokenLog,
      { outcome: 'used' },
      { outcome: 'pending', startedAt: ago(40) },
    );
    expect(await app.tokens.maintain({ keepTokens: '1d' })).toEqual(NOTHING);
    expect(await app.tokens.maintain({ keepTokens: '1d', releasePending: '1h' })).toEqual({
      ...NOTHING,
      tokens: 1,
      released: 1,
    });
  });

  it('deletes what was revoked of one deferred token once its JWT has expired, and nothing else', async () => {
    const { jwt } = await issue({ deferred: true, expiresIn: '1h' });
    expect(await app.tokens.revoke(jwt)).toBe(1);
    await app.tokens.revoke({ scope: 'rsvp' });
    expect(await app.tokens.maintain({ keepTokens: 0 })).toEqual(NOTHING);
    await app.dataSource.manager
      .createQueryBuilder()
      .update(RequestTokenRevocation)
      .set({ neededUntil: ago(1) })
      .where('token_id IS NOT NULL')
      .execute();
    expect(await app.tokens.maintain({ keepTokens: 0 })).toEqual({ ...NOTHING, revocations: 1 });
    expect(await app.dataSource.manager.find(RequestTokenRevocation)).toMatchObject([{ scope: 'rsvp' }]);
  });

  it('may run twice at once, and deletes nothing twice', async () => {
    const { token } = await issue();
    const logs = Array.from({ length: 300 }, (_, n) => ({
      ...{ id: uuidAt(ago(50), n), tokenId: token.id, startedAt: ago(50), outcome: 'used' as const },
    }));
    await app.dataSource.manager.insert(RequestTokenLog, logs);
    const done = await Promise.all(
      Array.from({ length: 3 }, () => app.tokens.maintain({ keepLogs: '30d', batchSize: 10 })),
    );
    expect(done.reduce((sum, { logs: deleted }) => sum + deleted, 0)).toBe(300);
  });

  it('leaves out what somebody has locked, instead of waiting for it', async () => {
    const [held, free] = [await issue(), await issue()];
    for (const { token } of [held, free]) await change(token.id, { expiresAt: ago(40) });
    await app.dataSource.transaction(async (manager) => {
      await manager.query('SELECT FROM request_token WHERE id = $1 FOR UPDATE', [held.token.id]);
      expect(await app.tokens.maintain({ keepTokens: '1d' })).toMatchObject({ tokens: 1 });
    });
    expect(await app.tokens.maintain({ keepTokens: '1d' })).toMatchObject({ tokens: 1 });
  });

  it.each<[string, unknown]>([
    ['an unknown property', { keepLog: '1y' }],
    ['a duration that is undefined', { keepLogs: undefined }],
    ['a duration without a unit', { keepLogs: '90' }],
    ['a duration below zero', { keepTokens: -1 }],
    ['a batch of nothing', { batchSize: 0 }],
    ['a batch that is too big', { batchSize: 100_000 }],
  ])('refuses %s', async (_, options) => {
    await expect(app.tokens.maintain(options as MaintainOptions)).rejects.toThrow(TypeError);
  });
});

class Shouting extends DefaultNamingStrategy {
  override columnName(propertyName: string): string {
    return `F_${propertyName}`;
  }
}

describe('A log that is partitioned by month', () => {
  let database: TestDatabase;
  let app: TestApp | undefined;
  beforeEach(async () => (database = await createDatabase()));
  afterEach(async () => {
    await app?.close();
    app = undefined;
    await database.drop();
  });

  const migrated = async (options: object = {}) => {
    const dataSource = new DataSource({
      type: 'postgres',
      url: database.url,
      entities: requestTokenEntities,
      migrations: createRequestTokenMigrations({ partitionLog: 'month' }),
      ...options,
    } as never);
    await dataSource.initialize();
    return dataSource;
  };
  const migrate = async (options: object = {}) => {
    const dataSource = await migrated(options);
    await dataSource.query('CREATE SCHEMA IF NOT EXISTS tokens');
    await dataSource.runMigrations();
    await dataSource.destroy();
  };
  const start = async (dataSource: object = {}) =>
    (app = await TestApp.start({
      databaseUrl: database.url,
      controllers: [LinksController],
      dataSource: { synchronize: false, ...dataSource },
    }));
  const partitions = async ({ dataSource }: TestApp) =>
    (
      await dataSource.query<{ name: string }[]>(
        `SELECT relname AS name FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1`,
      )
    ).map(({ name }) => name);

  it.each([
    ['as it is', {}],
    [
      'in another schema, with a prefix and a naming strategy',
      { schema: 'tokens', entityPrefix: 'app_', namingStrategy: new Shouting() },
    ],
  ])('takes, settles, refuses and releases uses as any other, %s', async (_, options) => {
    await migrate(options);
    const { tokens, http } = await start(options);
    const { jwt } = await tokens.issue({ scope: 'rsvp' });
    await http.get('/rsvp').query({ rt: jwt }).expect(200);
    await http.get('/rsvp').query({ rt: jwt }).expect(403);
    await tokens.settled();
    const { logs } = await tokens.inspect(jwt);
    expect(logs.map(({ outcome }) => outcome).sort()).toEqual(['token_exhausted', 'used']);
    expect((await tokens.attempts()).items).toHaveLength(2);
    expect(await tokens.releasePending({ olderThan: 0 })).toBe(0);
  });

  it('has the rows that were there, and has them still when it is one table again', async () => {
    const dataSource = await migrated({ migrations: requestTokenMigrations });
    await dataSource.runMigrations();
    const tokenId = uuidAt(ago(400), 1);
    await dataSource.manager.insert(RequestToken, {
      ...{ id: tokenId, scope: 'rsvp', loginMode: 'none', issuedAt: ago(400) },
    } as never);
    const row = { tokenId, outcome: 'used' as const };
    await dataSource.manager.insert(RequestTokenLog, [
      { ...row, id: uuidAt(ago(400), 2), startedAt: ago(400) },
      { ...row, id: uuidAt(ago(0), 3), startedAt: ago(0) },
    ]);
    const describeLog = () =>
      dataSource.query<object[]>(
        `SELECT indexname AS name, replace(indexdef, ' ONLY ', ' ') AS definition FROM pg_indexes
           WHERE tablename = 'request_token_log'
         UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
           WHERE conrelid = 'request_token_log'::regclass AND contype <> 'n' ORDER BY 1`,
      );
    const before = await describeLog();
    await dataSource.destroy();

    const partitioned = await migrated();
    await partitioned.runMigrations();
    expect(await partitioned.manager.count(RequestTokenLog)).toBe(2);
    const describedNow = await partitioned.query<object[]>(
      `SELECT indexname AS name, replace(indexdef, ' ONLY ', ' ') AS definition FROM pg_indexes
         WHERE tablename = 'request_token_log'
       UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
         WHERE conrelid = 'request_token_log'::regclass AND contype <> 'n' ORDER BY 1`,
    );
    expect(describedNow).toEqual(before);
    await partitioned.undoLastMigration();
    expect(await partitioned.manager.count(RequestTokenLog)).toBe(2);
    expect(
      await partitioned.query(`SELECT FROM pg_class WHERE relname = 'request_token_log' AND relkind = 'r'`),
    ).toHaveLength(1);
    await partitioned.runMigrations();
    await partitioned.destroy();
  });

  it('may be used by whom the one before might be used by', async () => {
    const dataSource = await migrated({ migrations: requestTokenMigrations });
    await dataSource.runMigrations();
    const role = `reader_${Date.now()}`;
    await dataSource.query(`CREATE ROLE ${role}`);
    try {
      await dataSource.query(`GRANT SELECT, INSERT ON request_token_log TO ${role}`);
      await dataSource.destroy();
      await migrate();
      const { dataSource: now } = await start();
      const may = (privilege: string) =>
        now.query<{ may: boolean }[]>(
          `SELECT has_table_privilege('${role}', 'request_token_log', '${privilege}') AS may`,
        );
      expect(await may('INSERT')).toEqual([{ may: true }]);
      expect(await may('DELETE')).toEqual([{ may: false }]);
    } finally {
      const { dataSource: last } = app ?? (await start());
      await last.query(`DROP OWNED BY ${role}`);
      await last.query(`DROP ROLE ${role}`);
    }
  });

  it('goes with its tokens', async () => {
    await migrate();
    const { tokens, http, dataSource } = await start();
    const { jwt, token } = await tokens.issue({ scope: 'rsvp' });
    await http.get('/rsvp').query({ rt: jwt }).expect(200);
    await tokens.settled();
    await dataSource.manager.update(RequestToken, { id: token.id }, { revokedAt: ago(2) });
    expect(await tokens.maintain({ keepTokens: '1d' })).toMatchObject({ tokens: 1 });
    expect(await dataSource.manager.count(RequestTokenLog)).toBe(0);
  });

  it('loses whole months that are older than maintain is told, and gets those to come', async () => {
    await migrate();
    const testApp = await start();
    const { dataSource, tokens } = testApp;
    const first = await partitions(testApp);
    expect(first).toHaveLength(4);
    const old = uuidAt(ago(300), 1);
    const bounds = [ago(330), ago(270)].map((time) => uuidAt(time, 0));
    await dataSource.query(`ALTER TABLE request_token_log DETACH PARTITION request_token_log_first`);
    await dataSource.query('DROP TABLE request_token_log_first');
    await dataSource.query(
      `CREATE TABLE old_month PARTITION OF request_token_log FOR VALUES FROM ('${bounds[0]}') TO ('${bounds[1]}')`,
    );
    const { token } = await tokens.issue({ scope: 'rsvp' });
    await dataSource.manager.insert(RequestTokenLog, {
      ...{ id: old, tokenId: token.id, startedAt: ago(300), outcome: 'used' },
    });
    const day = { from: ago(301), to: ago(299), by: 'scope' } as const;
    expect(await tokens.maintain({ keepLogs: '200d' })).toEqual({ ...NOTHING, partitions: 1 });
    // That of the current month was gone, and is there again.
    expect((await partitions(testApp)).length).toBe(4);
    expect(await partitions(testApp)).not.toContain('old_month');
    expect(await tokens.statistics(day)).toMatchObject([{ key: 'rsvp', used: 1 }]);
  });

  it('loses a month that ends with the very moment up to which it is kept', async () => {
    await migrate();
    const { app: nest, dataSource, tokens } = await start();
    const [from, to] = [ago(50), ago(40)];
    await dataSource.query(`ALTER TABLE request_token_log DETACH PARTITION request_token_log_first`);
    await dataSource.query(
      `CREATE TABLE old_month PARTITION OF request_token_log FOR VALUES FROM ('${leastIdAt(from)}') TO ('${leastIdAt(to)}')`,
    );
    nest.get(RequestTokenClock).now = () => new Date(to.getTime() + 30 * DAY_MS);
    expect(await tokens.maintain({ keepLogs: '30d' })).toEqual({ ...NOTHING, partitions: 1 });
  });

  it('waits for nobody who uses it for long, and goes on later', async () => {
    await migrate();
    const { dataSource, tokens } = await start();
    await dataSource.query(`ALTER TABLE request_token_log DETACH PARTITION request_token_log_first`);
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT count(*) FROM request_token_log');
    const maintained = tokens.maintain({});
    await new Promise((resolve) => setTimeout(resolve, 800));
    await runner.commitTransaction();
    await runner.release();
    expect(await maintained).toEqual(NOTHING);
  });

  it('is left as it is by maintain while it is read, by a backup say: months to come are made, old ones dropped another time', async () => {
    await migrate();
    const testApp = await start();
    const { dataSource, tokens } = testApp;
    await dataSource.query(`ALTER TABLE request_token_log DETACH PARTITION request_token_log_first`);
    const [first, second, third] = [ago(60), ago(50), ago(40)].map((time) => uuidAt(time, 0));
    for (const [name, from, to] of [
      ['older_month', first, second],
      ['old_month', second, third],
    ]) {
      await dataSource.query(
        `CREATE TABLE ${name} PARTITION OF request_token_log FOR VALUES FROM ('${from}') TO ('${to}')`,
      );
    }
    const { token } = await tokens.issue({ scope: 'rsvp' });
    await dataSource.manager.insert(RequestTokenLog, {
      ...{ id: uuidAt(ago(45), 1), tokenId: token.id, startedAt: ago(45), outcome: 'used' },
    });
    const ended = await tokens.issue({ scope: 'rsvp' });
    await dataSource.manager.update(RequestToken, { id: ended.token.id }, { revokedAt: ago(40) });
    const backup = dataSource.createQueryRunner();
    await backup.startTransaction();
    await backup.query('SELECT count(*) FROM request_token_log');
    const kept = await tokens.maintain({ keepLogs: '30d', keepTokens: '30d' });
    expect(kept).toEqual({ ...NOTHING, tokens: 1 });
    const months = await partitions(testApp);
    expect(months).toEqual(expect.arrayContaining(['old_month', 'older_month']));
    // Two old ones, that of today, and three to come.
    expect(months).toHaveLength(6);
    await backup.rollbackTransaction();
    await backup.release();
    expect(await tokens.maintain({ keepLogs: '30d' })).toEqual({ ...NOTHING, partitions: 2 });
  }, 60_000);

  it('has a partition for each month also where its name is as long as PostgreSQL takes it', async () => {
    const entityPrefix = `${'é'.repeat(22)}_`;
    await migrate({ entityPrefix });
    const testApp = await start({ entityPrefix });
    const { dataSource, tokens, http } = testApp;
    const log = `${entityPrefix}request_token_log`;
    expect(Buffer.byteLength(log)).toBe(62);
    const months = await partitions(testApp);
    expect(months).toHaveLength(4);
    await dataSource.query(`DROP TABLE "${months[0]}"`);
    await dataSource.query(`DROP TABLE "${months[1]}"`);
    expect(await tokens.maintain({})).toEqual(NOTHING);
    expect(await partitions(testApp)).toHaveLength(4);
    const { jwt } = await tokens.issue({ scope: 'rsvp' });
    await http.get('/rsvp').query({ rt: jwt }).expect(200);
    await tokens.settled();
    await app!.close();
    app = undefined;
    const dataSourceOnly = await migrated({ entityPrefix });
    await dataSourceOnly.undoLastMigration();
    expect(await dataSourceOnly.query(`SELECT FROM "${log}"`)).toHaveLength(1);
    await dataSourceOnly.destroy();
  });

  it.each<[string, unknown]>([
    ['an unknown option', { partitionLogs: 'month' }],
    ['another period', { partitionLog: 'week' }],
    ['a period that is undefined', { partitionLog: undefined }],
  ])('is not made of %s', (_, options) => {
    expect(() => createRequestTokenMigrations(options as RequestTokenMigrationsOptions)).toThrow(TypeError);
  });

  it('is not partitioned unless it is said so', () => {
    expect(createRequestTokenMigrations()).toEqual(requestTokenMigrations);
  });
});
