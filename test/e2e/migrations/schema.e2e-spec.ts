import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import {
  RequestToken,
  RequestTokenLog,
  RequestTokenRevocation,
  RequestTokenStatistic,
  requestTokenMigrations,
  UseRequestToken,
} from 'nestjs-request-token';
import {
  Column,
  DataSource,
  type DataSourceOptions,
  DefaultNamingStrategy,
  Entity,
  PrimaryColumn,
  type Table,
} from 'typeorm';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { TestApp } from '../../support/test-app.js';

class Shouting extends DefaultNamingStrategy {
  override tableName(className: string, customName?: string): string {
    return `App_${super.tableName(className, customName ?? className)}`;
  }

  override primaryKeyName(tableOrName: never, columnNames: string[]): string {
    return `${super.primaryKeyName(tableOrName, columnNames)}_x`;
  }
}

/** Says in each name what it was told, and in what form. */
class Telling extends DefaultNamingStrategy {
  override primaryKeyName(table: Table | string, columns: string[]): string {
    return this.tell('PK', table, columns);
  }

  override indexName(table: Table | string, columns: string[]): string {
    return this.tell('IX', table, columns);
  }

  override foreignKeyName(
    table: Table | string,
    columns: string[],
    referenced?: string,
    referencedColumns: string[] = [],
  ): string {
    return this.tell('FK', table, [...columns, String(referenced), ...referencedColumns]);
  }

  override checkConstraintName(table: Table | string, expression: string): string {
    return this.tell('CK', table, [expression.slice(0, 12).replaceAll('"', '')]);
  }

  private tell(kind: string, table: Table | string, rest: string[]): string {
    const name = typeof table === 'string' ? table : `table ${table.name}`;
    return [kind, name, ...rest].join(' ');
  }
}

/** Leaves no column the name that its entity gives it. */
class Renaming extends DefaultNamingStrategy {
  override columnName(propertyName: string): string {
    return `F_${propertyName}`;
  }
}

const VARIANTS: [string, Partial<DataSourceOptions>][] = [
  ['as it is', {}],
  ['with a table prefix', { entityPrefix: 'app_' }],
  ['in another schema', { schema: 'tokens' }],
  ['with a naming strategy', { namingStrategy: new Shouting() }],
  ['with a naming strategy for keys, in another schema', { schema: 'tokens', namingStrategy: new Telling() }],
  ['with all of these', { entityPrefix: 'app_', schema: 'tokens', namingStrategy: new Shouting() }],
];

const ID = '01900000-0000-7000-8000-000000000001';

/** Everything that PostgreSQL knows about the tables. */
const DESCRIPTION = `
  SELECT 'column' AS kind, table_schema || '.' || table_name AS table, column_name AS name,
    concat_ws(' ', ordinal_position, data_type, character_maximum_length, is_nullable, column_default) AS definition
  FROM information_schema.columns WHERE table_name ILIKE '%request_token%'
  UNION ALL
  SELECT 'index', schemaname || '.' || tablename, indexname, indexdef
  FROM pg_indexes WHERE tablename ILIKE '%request_token%'
  UNION ALL
  SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE conrelid::regclass::text ILIKE '%request_token%'
  ORDER BY 1, 2, 3`;

/** What the entity may become one day: a property has another name, and the others are gone. */
@Entity('request_token')
class FutureToken {
  @PrimaryColumn('uuid', { name: 'id' })
  key!: string;

  @Column('int', { name: 'use_count', default: 0 })
  uses!: number;
}

describe('The schema', () => {
  let databases: TestDatabase[] = [];
  const opened: DataSource[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((dataSource) => dataSource.destroy()));
    await Promise.all(databases.map((database) => database.drop()));
    databases = [];
  });

  const open = async (options: Partial<DataSourceOptions>) => {
    const database = await createDatabase();
    databases.push(database);
    const dataSource = new DataSource({
      type: 'postgres',
      url: database.url,
      entities: [RequestToken, RequestTokenLog, RequestTokenRevocation, RequestTokenStatistic],
      migrations: requestTokenMigrations,
      ...options,
    } as DataSourceOptions);
    await dataSource.initialize();
    opened.push(dataSource);
    await dataSource.query('CREATE SCHEMA IF NOT EXISTS tokens');
    return dataSource;
  };

  const describeTables = (dataSource: DataSource) => dataSource.query<object[]>(DESCRIPTION);

  it.each(VARIANTS)('of the migrations is that of synchronize, %s', async (_, options) => {
    const migrated = await open(options);
    await migrated.runMigrations();
    const synchronized = await open(options);
    await synchronized.synchronize();
    const description = await describeTables(migrated);
    // 12 + 12 columns, and keys, indexes and checks of both tables.
    expect(description.length).toBeGreaterThan(24 + 6);
    expect(description).toEqual(await describeTables(synchronized));
    const { upQueries } = await migrated.driver.createSchemaBuilder().log();
    expect(upQueries).toEqual([]);
  });

  it.each(VARIANTS)('goes away with the migrations, and comes again, %s', async (_, options) => {
    const dataSource = await open(options);
    await dataSource.runMigrations();
    const description = await describeTables(dataSource);
    for (let left = requestTokenMigrations.length; left > 0; left--) await dataSource.undoLastMigration();
    expect(await describeTables(dataSource)).toEqual([]);
    await dataSource.runMigrations();
    expect(await describeTables(dataSource)).toEqual(description);
  });

  it.each([
    ['another entity of the table, with renamed properties', [FutureToken]],
    ['no entity at all', []],
  ])('comes from migrations that read no entity: they run with %s', async (_, entities) => {
    const today = await open({});
    await today.runMigrations();
    const future = await open({ entities });
    await future.runMigrations();
    expect(await describeTables(future)).toEqual(await describeTables(today));
    for (let left = requestTokenMigrations.length; left > 0; left--) await future.undoLastMigration();
    expect(await describeTables(future)).toEqual([]);
  });

  it('has the column names of a naming strategy that leaves none as it was', async () => {
    const dataSource = await open({ namingStrategy: new Renaming() });
    await dataSource.runMigrations();
    const description = (await describeTables(dataSource)) as { kind: string; name: string }[];
    const columns = description.filter(({ kind }) => kind === 'column').map(({ name }) => name);
    expect(columns).toContain('F_useCount');
    expect(columns.filter((name) => !name.startsWith('F_'))).toEqual([]);
    for (let left = requestTokenMigrations.length; left > 0; left--) await dataSource.undoLastMigration();
    expect(await describeTables(dataSource)).toEqual([]);
  });

  it('of a version before becomes that of this one, and its rows stay', async () => {
    const dataSource = await open({});
    await dataSource.runMigrations();
    for (let left = requestTokenMigrations.length; left > 1; left--) await dataSource.undoLastMigration();
    await dataSource.query(`
      INSERT INTO request_token (id, login_mode, issued_at) VALUES ('${ID}', 'none', now());
      INSERT INTO request_token_log (id, token_id, outcome, started_at) VALUES ('${ID}', '${ID}', 'used', now())`);
    await dataSource.runMigrations();
    expect(await dataSource.query('SELECT outcome, repeats FROM request_token_log')).toEqual([
      { outcome: 'used', repeats: 1 },
    ]);
  });

  it('is the one that the contract names', async () => {
    const dataSource = await open({});
    await dataSource.runMigrations();
    const columns = await dataSource.query<{ table: string; name: string; definition: string }[]>(
      `SELECT table_name AS table, column_name AS name,
         concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default) AS definition
       FROM information_schema.columns WHERE table_name LIKE 'request_token%' ORDER BY 1, ordinal_position`,
    );
    const of = (table: string) =>
      columns
        .filter((column) => column.table === table)
        .map(({ name, definition }) => `${name} ${definition}`);
    expect(of('request_token')).toEqual([
      'id uuid NO',
      'scope character varying 100 YES',
      'target_path text YES',
      'user_id text YES',
      'login_mode character varying 10 NO',
      'issued_at timestamp with time zone NO',
      'not_before timestamp with time zone YES',
      'expires_at timestamp with time zone YES',
      'revoked_at timestamp with time zone YES',
      'max_uses integer YES',
      'use_count integer NO 0',
      "data jsonb NO '{}'::jsonb",
      'deferred_until timestamp with time zone YES',
    ]);
    expect(of('request_token_log')).toEqual([
      'id uuid NO',
      'token_id uuid NO',
      'user_id text YES',
      'client_ip inet YES',
      'user_agent text YES',
      'method text YES',
      'path text YES',
      'status_code integer YES',
      'outcome character varying 32 NO',
      'started_at timestamp with time zone NO',
      'duration_ms integer YES',
      'repeats integer NO 1',
    ]);
    expect(of('request_token_revocation')).toEqual([
      'id uuid NO',
      'token_id uuid YES',
      'user_id text YES',
      'scope character varying 100 YES',
      'revoked_at timestamp with time zone NO',
      'needed_until timestamp with time zone YES',
    ]);
  });

  it('refuses more uses than there are, and fewer than none', async () => {
    const dataSource = await open({});
    await dataSource.runMigrations();
    await dataSource.query(
      `INSERT INTO request_token (id, login_mode, issued_at, max_uses) VALUES (gen_random_uuid(), 'none', now(), 1)`,
    );
    await expect(dataSource.query('UPDATE request_token SET use_count = 2')).rejects.toThrow(
      'check constraint',
    );
    await expect(dataSource.query('UPDATE request_token SET use_count = -1')).rejects.toThrow(
      'check constraint',
    );
  });
});

@Controller()
class RsvpController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {}
}

describe.each(VARIANTS)('A use is taken, settled and logged, %s', (_, options) => {
  let app: TestApp;
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
    const first = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    await first.query('CREATE SCHEMA tokens');
    await first.destroy();
    app = await TestApp.start({
      controllers: [RsvpController],
      databaseUrl: database.url,
      dataSource: { ...options, synchronize: false, migrationsRun: true, migrations: requestTokenMigrations },
    });
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  it('', async () => {
    const { url, token } = await app.tokens.issue({ scope: 'rsvp', target: '/rsvp', data: { a: 1 } });
    await app.get(url).expect(200);
    await app.settledLogs(token.id, 1);
    await app.get(url).expect(403);
    const outcomes = (await app.settledLogs(token.id, 2)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['used', 'token_exhausted']);
    expect(await app.row(token.id)).toMatchObject({ useCount: 1, data: { a: 1 } });
    expect(await app.tokens.revoke({ scope: 'rsvp' })).toBe(1);
  });
});

describe('With a naming strategy that leaves no column the name that its entity gives it', () => {
  it('a use is taken, settled and explained', async () => {
    const app = await TestApp.start({
      controllers: [RsvpController],
      dataSource: {
        namingStrategy: new Renaming(),
        synchronize: false,
        migrationsRun: true,
        migrations: requestTokenMigrations,
      },
    });
    try {
      const { url, jwt, token } = await app.tokens.issue({ scope: 'rsvp', target: '/rsvp' });
      await app.get(url).expect(200);
      await app.kit.settled();
      expect(await app.tokens.inspect(jwt)).toMatchObject({
        token: { id: token.id, useCount: 1 },
        logs: [{ outcome: 'used', tokenId: token.id }],
      });
      expect(await app.tokens.revoke(token.id)).toBe(1);
    } finally {
      await app.close();
    }
  });
});
