import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, type OnModuleInit } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import {
  RequestToken,
  RequestTokenLog,
  RequestTokenRevocation,
  RequestTokenStatistic,
  RequestTokenModule,
  requestTokenMigrations,
  UseRequestToken,
} from 'nestjs-request-token';
import { DataSource, type DataSourceOptions, DefaultNamingStrategy, Entity } from 'typeorm';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { LogKeeper } from '../../support/log-keeper.js';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.js';
import { QueryCounter } from '../../support/query-counter.js';
import { SECRET, TestApp, type TestAppOptions } from '../../support/test-app.js';

let runs = 0;

@Controller()
class RsvpController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {
    runs++;
  }

  @Get('plain')
  plain() {
    return 'plain';
  }
}

class Shouting extends DefaultNamingStrategy {
  override tableName(className: string, customName?: string): string {
    return `App_${super.tableName(className, customName ?? className)}`;
  }

  override columnName(propertyName: string, customName: string, prefixes: string[]): string {
    return super.columnName(propertyName, customName, prefixes).toUpperCase();
  }
}

const MIGRATED = { synchronize: false, migrations: requestTokenMigrations };
const BY_HAND = { ...MIGRATED, manualInitialization: true } as Partial<DataSourceOptions>;
const NAMES = requestTokenMigrations.map(({ name }) => name);

/** SQL: takes what forbids columns to change their types. */
const UNBIND = `
  DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT conrelid::regclass AS tab, conname FROM pg_constraint
      WHERE conrelid::regclass::text LIKE 'request_token%' AND contype IN ('c', 'f')
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.tab, each.conname); END LOOP;
  END $$`;

let database: TestDatabase | undefined;
let app: TestApp | undefined;
const opened: { close: () => Promise<void> }[] = [];

afterEach(async () => {
  await app?.close();
  for (const each of opened.splice(0)) await each.close();
  await database?.drop();
  app = database = undefined;
  runs = 0;
});

/** A database to which the migrations were applied, but for the last few, and then whatever else is said. */
async function prepare(left: number, sql = '', options: Partial<DataSourceOptions> = {}): Promise<string> {
  database = await createDatabase();
  const { url } = database;
  const dataSource = new DataSource({ type: 'postgres', url, ...options } as DataSourceOptions);
  dataSource.setOptions({
    migrations: requestTokenMigrations.slice(0, requestTokenMigrations.length - left),
  });
  await dataSource.initialize();
  await dataSource.query('CREATE SCHEMA tokens');
  await dataSource.runMigrations();
  if (sql) await dataSource.query(sql);
  await dataSource.destroy();
  return url;
}

const start = async (options: Partial<TestAppOptions> & { databaseUrl: string }) => {
  app = await TestApp.start({ controllers: [RsvpController], ...options });
  return app;
};

/** What the app says instead of starting. */
async function refusal(options: Partial<TestAppOptions> & { databaseUrl: string }): Promise<string> {
  return start(options).then(
    () => 'it has started',
    (error: Error) => error.message,
  );
}

describe.each(ADAPTER_NAMES)('%s: An app of this version does not boot', (adapter) => {
  it.each(NAMES.map((_, index) => NAMES.length - index))(
    'on a database that lacks the last %p migrations, and names each of them',
    async (left) => {
      const message = await refusal({ adapter, databaseUrl: await prepare(left), dataSource: MIGRATED });
      const named = NAMES.filter((name) => message.includes(name));
      expect(named).toEqual(NAMES.slice(NAMES.length - left));
      expect(message).toContain('run them before the app starts');
    },
  );
});

describe('An app does not boot, and says what to do,', () => {
  it('where columns are missing', async () => {
    expect(await refusal({ databaseUrl: await prepare(NAMES.length - 1), dataSource: MIGRATED })).toBe(
      [
        'RequestTokenModule: the database is not as this version needs it:',
        '  - "request_token" has no column "deferred_until": migration AddOperations1795996800000 makes it',
        '  - "request_token_log" has no column "repeats": migration CountRepeatedRefusals1795651200000 makes it',
        '  - there is no table "request_token_revocation" (in the search path, public): migrations CreateRevocations1795737600000, AddOperations1795996800000 make it',
        '  - there is no table "request_token_statistic" (in the search path, public): migration AddOperations1795996800000 makes it',
        'The migrations of the DataSource have these: run them before the app starts, or let it run them, with migrationsRun: true.',
      ].join('\n'),
    );
  });

  it('where the tables are, and the migrations not among those of the DataSource', async () => {
    const databaseUrl = await prepare(NAMES.length);
    expect(await refusal({ databaseUrl, dataSource: { synchronize: false } })).toBe(
      [
        'RequestTokenModule: the database is not as this version needs it:',
        '  - there is no table "request_token" (in the search path, public): migrations CreateRequestTokens1767225600000, AddOperations1795996800000 make it',
        '  - there is no table "request_token_log" (in the search path, public): migrations CreateRequestTokens1767225600000, CountRepeatedRefusals1795651200000 make it',
        '  - there is no table "request_token_revocation" (in the search path, public): migrations CreateRevocations1795737600000, AddOperations1795996800000 make it',
        '  - there is no table "request_token_statistic" (in the search path, public): migration AddOperations1795996800000 makes it',
        'Add the migrations to the DataSource, migrations: [...requestTokenMigrations], and run them before the app starts, or let it run them, with migrationsRun: true.',
      ].join('\n'),
    );
  });

  it('where the tables are in another schema than the role looks into', async () => {
    const databaseUrl = await prepare(0, 'ALTER TABLE request_token SET SCHEMA tokens');
    const message = await refusal({ databaseUrl, dataSource: MIGRATED });
    expect(message).toContain('no table "request_token" (in the search path, public)');
    expect(message).not.toContain('request_token_log');
  });

  it('where a schema, a prefix and a naming strategy have other names for everything', async () => {
    const options = { schema: 'tokens', entityPrefix: 'my_', namingStrategy: new Shouting() };
    const databaseUrl = await prepare(0, '', options);
    const dataSource = { ...MIGRATED, ...options };
    await start({ databaseUrl, dataSource });
    await app?.dataSource.query(`
      ALTER TABLE tokens."my_App_request_token_log" RENAME "REPEATS" TO repeats`);
    await app?.close();
    expect(await refusal({ databaseUrl, dataSource })).toContain(
      '"tokens"."my_App_request_token_log" has no column "REPEATS": migration CountRepeatedRefusals1795651200000',
    );
    expect(await refusal({ databaseUrl, dataSource: { ...dataSource, schema: 'elsewhere' } })).toContain(
      'no table "elsewhere"."my_App_request_token": migration',
    );
  });

  it.each([
    ['request_token', 'id', 'text', 'uuid'],
    ['request_token', 'expires_at', 'timestamp', 'timestamptz'],
    ['request_token', 'user_id', 'int', 'text', 'int4'],
    ['request_token', 'use_count', 'text', 'int4'],
    ['request_token', 'data', 'text', 'jsonb'],
    ['request_token_log', 'user_id', 'uuid', 'text'],
    ['request_token_log', 'client_ip', 'text', 'inet'],
    ['request_token_log', 'outcome', 'mood', 'text'],
  ])('where a column cannot work: %s.%s as %s', async (table, column, type, right, name = type) => {
    const databaseUrl = await prepare(
      0,
      `CREATE TYPE mood AS ENUM ('used');
       ${UNBIND};
       ALTER TABLE ${table} ALTER ${column} DROP DEFAULT, ALTER ${column} TYPE ${type} USING ${column}::text::${type}`,
    );
    const message = await refusal({ databaseUrl, dataSource: MIGRATED });
    expect(message).toContain(`"${column}" of "${table}" is of type ${name}: make it ${right}`);
    expect(message).not.toContain('igrations');
  });

  it('where it lists its entities, and not those of the library', async () => {
    const databaseUrl = await prepare(0);
    const message = await refusal({ databaseUrl, dataSource: { ...MIGRATED, entities: [] } });
    expect(message).toContain(
      'lacks the entities RequestToken and RequestTokenLog and RequestTokenRevocation and RequestTokenStatistic',
    );
    expect(message).toContain(
      'entities: [RequestToken, RequestTokenLog, RequestTokenRevocation, RequestTokenStatistic, …], or say autoLoadEntities: true',
    );
    const dataSource = { ...MIGRATED, entities: [RequestToken] };
    expect(await refusal({ databaseUrl, dataSource })).toContain(
      'lacks the entities RequestTokenLog and RequestTokenRevocation and RequestTokenStatistic.',
    );
  });

  it('where it has another class of the same name, as of a second copy of the library', async () => {
    const copy = class extends RequestToken {};
    Object.defineProperty(copy, 'name', { value: 'RequestToken' });
    Entity('request_token')(copy);
    const message = await refusal({
      databaseUrl: await prepare(0),
      dataSource: { ...MIGRATED, entities: [copy] },
    });
    expect(message).toContain('RequestToken and RequestTokenLog');
    expect(message).toContain('installed or loaded twice');
  });

  it('of the DataSource that it was given the name of', async () => {
    const databaseUrl = await prepare(0);
    const other = await createDatabase();
    opened.push({ close: other.drop });
    const refused = (name: string, url: string, entities: unknown[]) =>
      refusal({
        databaseUrl,
        token: { dataSource: name },
        importsFirst: [
          TypeOrmModule.forRoot({
            type: 'postgres',
            name,
            url,
            entities,
            retryAttempts: 0,
          } as TypeOrmModuleOptions),
        ],
      });
    const all = [RequestToken, RequestTokenLog, RequestTokenRevocation, RequestTokenStatistic];
    expect(await refused('links', databaseUrl, all)).toBe('it has started');
    await app?.close();
    expect(await refused('links', other.url, all)).toContain('there is no table "request_token"');
    expect(await refused('links', databaseUrl, [])).toContain(
      "the TypeORM DataSource 'links' lacks the entities",
    );
  });

  it('as an application context, and as a testing module', async () => {
    const url = await prepare(NAMES.length);
    class AppModule {}
    const root = {
      module: AppModule,
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url, autoLoadEntities: true, retryAttempts: 0 }),
        RequestTokenModule.forRoot({ keys: SECRET, baseUrl: 'https://example.com' }),
      ],
    };
    const context = NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    await expect(context).rejects.toThrow('there is no table "request_token"');
    const moduleRef = await Test.createTestingModule({ imports: [root] }).compile();
    opened.push(moduleRef);
    await expect(moduleRef.init()).rejects.toThrow('there is no table "request_token"');
  });
});

describe('An app boots', () => {
  const worksOf = async ({ tokens, http, kit }: TestApp) => {
    const { jwt } = await tokens.issue({ scope: 'rsvp' });
    await http.get('/rsvp').query({ rt: jwt }).expect(200);
    await kit.settled();
    expect((await tokens.inspect(jwt)).logs).toMatchObject([{ outcome: 'used' }]);
  };

  it('when migrationsRun or synchronize has just made the tables', async () => {
    for (const dataSource of [{ ...MIGRATED, migrationsRun: true }, { synchronize: true }]) {
      await worksOf(await start({ databaseUrl: await prepare(NAMES.length), dataSource }));
      await app?.close();
      await database?.drop();
    }
    app = database = undefined;
  });

  it('when a module of it runs the migrations when it is initialized', async () => {
    @Injectable()
    class Migrator implements OnModuleInit {
      constructor(private readonly dataSource: DataSource) {}

      async onModuleInit() {
        await this.dataSource.runMigrations();
      }
    }
    const databaseUrl = await prepare(NAMES.length);
    await worksOf(await start({ databaseUrl, dataSource: MIGRATED, providers: [Migrator] }));
  });

  it('on types that work as well, and views in the place of tables', async () => {
    const databaseUrl = await prepare(
      0,
      `CREATE DOMAIN label AS varchar(100);
       ALTER TABLE request_token ALTER use_count TYPE bigint, ALTER max_uses TYPE numeric, ALTER scope TYPE label,
         ALTER data DROP DEFAULT, ALTER data TYPE json, ALTER target_path TYPE varchar(500);
       ALTER TABLE request_token_log ALTER status_code TYPE smallint, ALTER client_ip TYPE cidr,
         ALTER outcome TYPE text;
       ALTER TABLE request_token SET SCHEMA tokens;
       CREATE VIEW request_token AS SELECT * FROM tokens.request_token`,
    );
    await worksOf(await start({ databaseUrl, dataSource: MIGRATED }));
    const many = [];
    const { tokens } = app as TestApp;
    for await (const { jwt } of tokens.issueMany([{ scope: 'rsvp' }, { scope: 'rsvp' }])) many.push(jwt);
    for (const jwt of many) await tokens.redeem(jwt, { scope: 'rsvp' });
    expect(await tokens.revoke({ scope: 'rsvp' })).toBe(3);
  });

  it('with a role that has no rights on the tables: they are not said to be missing', async () => {
    const role = `nobody_${process.pid}`;
    const databaseUrl = await prepare(0, `CREATE ROLE ${role}`);
    const asOwner = async (sql: string) => {
      const owner = await new DataSource({ type: 'postgres', url: databaseUrl }).initialize();
      await owner.query(sql);
      await owner.destroy();
    };
    const extra = { options: `-c role=${role}` };
    const logger = new LogKeeper();
    const { http, tokens, dataSource } = await start({
      databaseUrl,
      dataSource: { ...MIGRATED, extra },
      logger,
    });
    expect(
      await dataSource.query('SELECT * FROM information_schema.tables WHERE table_schema = $1', ['public']),
    ).toEqual([]);
    await asOwner(`GRANT INSERT ON request_token TO ${role}`);
    const { jwt } = await tokens.issue({ scope: 'rsvp' });
    await http.get('/rsvp').query({ rt: jwt }).expect(503);
    expect(runs).toBe(0);
    expect(logger.errors.join()).toContain('permission denied for table request_token');
    await asOwner(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });

  it('with one statement for it, and none per request', async () => {
    const counter = new QueryCounter();
    const databaseUrl = await prepare(0);
    await start({ databaseUrl, dataSource: { ...MIGRATED, ...counter.dataSource } });
    const asked = () => counter.queries.filter((query) => query.includes('pg_attribute')).length;
    expect(asked()).toBe(1);
    await worksOf(app as TestApp);
    expect(asked()).toBe(1);
  });
});

describe.each(ADAPTER_NAMES)('%s: With manualInitialization', (adapter) => {
  const opening = async (jwt: string) => (await (app as TestApp).http.get('/rsvp').query({ rt: jwt })).status;
  const initialize = ({ dataSource }: TestApp) => dataSource.initialize();
  const migrate = ({ dataSource }: TestApp) => dataSource.runMigrations();

  /** A link whose row is there as soon as the tables are. */
  async function startLater(
    databaseUrl: string,
    logger: LogKeeper,
    dataSource: Partial<DataSourceOptions> = BY_HAND,
  ) {
    const issuing = await TestApp.start({});
    const { jwt } = await issuing.tokens.issue({ scope: 'rsvp', maxUses: null });
    const row = await issuing.row((await issuing.tokens.verify(jwt)).jti);
    await issuing.close();
    const later = await start({ adapter, databaseUrl, dataSource, logger });
    return { later, jwt, insert: () => later.dataSource.manager.save(row) };
  }

  it('links are answered 503 until the DataSource is initialized and its tables are there, each said once; then they work', async () => {
    const logger = new LogKeeper();
    const { later, jwt, insert } = await startLater(await prepare(NAMES.length - 1), logger);
    for (let round = 0; round < 3; round++) expect(await opening(jwt)).toBe(503);
    expect(logger.errors).toEqual([expect.stringContaining('the TypeORM DataSource is not initialized')]);
    await later.http.get('/plain').expect(200);

    await initialize(later);
    logger.errors.length = 0;
    for (let round = 0; round < 3; round++) expect(await opening(jwt)).toBe(503);
    expect(logger.errors).toEqual([expect.stringContaining('has no column "repeats"')]);
    await expect(later.tokens.issue({ scope: 'rsvp' })).rejects.toThrow('has no column "repeats"');
    expect(await Promise.all(Array.from({ length: 50 }, () => opening(jwt)))).toEqual(Array(50).fill(503));
    expect(logger.errors).toHaveLength(1);
    expect(runs).toBe(0);

    await migrate(later);
    await insert();
    expect(await opening(jwt)).toBe(200);
    expect(runs).toBe(1);
  });

  it('it is never asked again once the tables were found', async () => {
    const counter = new QueryCounter();
    const logger = new LogKeeper();
    const options = { ...BY_HAND, ...counter.dataSource } as Partial<DataSourceOptions>;
    const { later, jwt, insert } = await startLater(await prepare(0), logger, options);
    await initialize(later);
    await insert();
    const asked = () => counter.queries.filter((query) => query.includes('pg_attribute')).length;
    expect(await Promise.all(Array.from({ length: 20 }, () => opening(jwt)))).toEqual(Array(20).fill(200));
    expect(await opening(jwt)).toBe(200);
    expect(asked()).toBe(1);
  });

  it('the first use may be in a transaction that has the only connection', async () => {
    const options = { ...BY_HAND, poolSize: 1 } as Partial<DataSourceOptions>;
    const { later } = await startLater(await prepare(0), new LogKeeper(), options);
    await initialize(later);
    const { jwt } = await later.dataSource.transaction((manager) =>
      later.tokens.issue({ scope: 'rsvp', manager }),
    );
    expect(await opening(jwt)).toBe(200);
  });

  it('entities that are missing are said at first use, and once', async () => {
    const logger = new LogKeeper();
    const { later, jwt } = await startLater(await prepare(0), logger, { ...BY_HAND, entities: [] });
    await initialize(later);
    for (let round = 0; round < 3; round++) expect(await opening(jwt)).toBe(503);
    expect(logger.errors).toEqual([
      expect.stringContaining(
        'lacks the entities RequestToken and RequestTokenLog and RequestTokenRevocation and RequestTokenStatistic',
      ),
    ]);
    await expect(later.tokens.revoke({ scope: 'rsvp' })).rejects.toThrow('autoLoadEntities');
  });
});

describe('A database that is gone at the moment when the app starts', () => {
  let server: PostgresServer;
  afterEach(() => server.destroy());

  @Injectable()
  class Stop implements OnModuleInit {
    onModuleInit() {
      return server.stop();
    }
  }

  it.each([
    ['is no reason not to start: the tables are checked at first use', 0, 200],
    ['does not hide what is missing, which is found at first use', NAMES.length - 1, 503],
  ])('%s', async (_, left, status) => {
    server = await startPostgres();
    const dataSource = await new DataSource({ type: 'postgres', url: server.url, ...MIGRATED }).initialize();
    await dataSource.runMigrations();
    const issuing = await start({ databaseUrl: server.url, dataSource: MIGRATED });
    const { jwt } = await issuing.tokens.issue({ scope: 'rsvp' });
    await issuing.close();
    for (let undone = 0; undone < left; undone++) await dataSource.undoLastMigration();
    await dataSource.destroy();

    const logger = new LogKeeper();
    const { http } = await start({
      databaseUrl: server.url,
      dataSource: MIGRATED,
      providers: [Stop],
      logger,
    });
    expect(logger.warnings).toContainEqual(expect.stringContaining('checked at first use'));
    await http.get('/rsvp').query({ rt: jwt }).expect(503);
    await server.start();
    await http.get('/rsvp').query({ rt: jwt }).expect(status);
    expect(logger.errors.join().includes('has no column "repeats"')).toBe(status === 503);
  });
});
