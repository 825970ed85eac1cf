import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, HttpException, Injectable, Req, type Type } from '@nestjs/common';
import fc from 'fast-check';
import { type RequestTokenRequest, RequestTokenUserLoader, UseRequestToken } from 'nestjs-request-token';
import { Client } from 'pg';
import { Column, DeleteDateColumn, Entity, PrimaryColumn } from 'typeorm';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { QueryCounter } from '../../support/query-counter.js';
import { TestApp } from '../../support/test-app.js';

const UUID = '8d0a43c1-5f6e-4b7a-9c0d-1e2f3a4b5c6d';

abstract class Named {
  @Column('text', { default: 'Ann' })
  name!: string;

  @DeleteDateColumn({ type: 'timestamptz' })
  deletedAt!: Date | null;
}

interface Keyed extends Named {
  id: string;
}

/** An entity with a primary column of these options. */
function withKey(...options: Parameters<typeof PrimaryColumn>): Type<Keyed> {
  class Keyed extends Named {
    id!: string;
  }
  (PrimaryColumn as (...all: unknown[]) => PropertyDecorator)(...options)(Keyed.prototype, 'id');
  Entity('keyed')(Keyed);
  return Keyed;
}

@Controller()
class MeController {
  @Get('me')
  @UseRequestToken({ scope: 'me' })
  me(@Req() { user }: RequestTokenRequest) {
    return user;
  }
}

const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\v', '\f', '\r'), maxLength: 3 });
const anyCase = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((each, at) => (upper[at] ? each.toUpperCase() : each)).join(''));
const integer = (digits: string) =>
  fc
    .tuple(space, fc.constantFrom('', '+'), fc.nat(3), space)
    .map(([before, sign, zeros, after]) => before + sign + '0'.repeat(zeros) + digits + after);
const uuid = fc
  .tuple(
    anyCase(UUID.replaceAll('-', '')),
    fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
    fc.boolean(),
  )
  .map(([digits, hyphens, isBraced]) => {
    const text = (digits.match(/.{4}/g) ?? []).map((group, at) => group + (hyphens[at] ? '-' : '')).join('');
    return isBraced ? `{${text}}` : text;
  });

const prefixed = {
  to: (id: string) => id.replace(/^usr_/i, ''),
  from: (id: string) => `usr_${id}`,
};

/** Type of the key, its column, a key, and the ways to write it. */
const USUAL: [string, Parameters<typeof PrimaryColumn>, string, fc.Arbitrary<string | number>][] = [
  ['a uuid', ['uuid'], UUID, uuid],
  ['an integer', ['int'], '7', fc.oneof(integer('7'), fc.constant(7))],
  ['a negative integer', ['int'], '-7', fc.constantFrom('-7', ' -07', '-00000007')],
  ['a smallint', ['smallint'], '7', integer('7')],
  ['a bigint', ['bigint'], '9007199254740993', integer('9007199254740993')],
  ['a text', ['text'], 'Ann@Example.com ', fc.constant('Ann@Example.com ')],
  ['a varchar', ['varchar', { length: 20 }], '007', fc.constant('007')],
];

const OTHERS: typeof USUAL = [
  ['a citext', ['citext'], 'Ann@Example.com', anyCase('ann@example.com')],
  ['a char(n)', ['char', { length: 6 }], 'ann', fc.nat(5).map((length) => `ann${' '.repeat(length)}`)],
  ['a numeric', ['numeric'], '1.50', fc.constantFrom('1.5', '1.50', ' 01.500', '15e-1', '+1.5')],
  ['an enum', ['enum', { enum: ['ann', 'bob'] }], 'ann', fc.constant('ann')],
  ['a date', ['date'], '2024-02-29', fc.constantFrom('2024-02-29', '20240229', 'February 29, 2024')],
  ['an inet', ['inet'], '10.0.0.1', fc.constantFrom('10.0.0.1', '10.0.0.1/32')],
  [
    'of a transformer',
    ['uuid', { transformer: prefixed }],
    `usr_${UUID}`,
    uuid.chain((id) => fc.constantFrom(id, `usr_${id}`, `USR_${id}`)),
  ],
  ['of a collation', ['text', { collation: 'ci' }], 'ann', anyCase('ann')],
  ['an integer of PostgreSQL 16', ['int'], '7', fc.constantFrom('0x7', '0b111', '0_7', ' 07')],
];

const apps: TestApp[] = [];
const databases: TestDatabase[] = [];
const counter = new QueryCounter();

async function start(column: Parameters<typeof PrimaryColumn>, keys: string[]): Promise<TestApp> {
  const database = await createDatabase();
  databases.push(database);
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('CREATE EXTENSION citext');
  await client.query(
    "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
  );
  await client.end();
  const entity = withKey(...column);
  const app = await TestApp.start({
    databaseUrl: database.url,
    controllers: [MeController],
    entities: [entity],
    token: { users: { entity } },
    dataSource: counter.dataSource,
  });
  apps.push(app);
  await app.dataSource.manager.insert(
    entity,
    keys.map((id) => ({ id })),
  );
  return app;
}

const open = (app: TestApp, url: string) =>
  app.http.get('/me').query({ rt: new URL(url).searchParams.get('rt') });

describe('A key of a user', () => {
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
    for (const database of databases.splice(0)) await database.drop();
  });

  it.each([...USUAL, ...OTHERS])(
    'that is %s finds the same user in every spelling, at issue, redeem and revoke',
    async (_, column, key, spelling) => {
      const app = await start(column, [key]);
      await fc.assert(
        fc.asyncProperty(spelling, spelling, spelling, fc.boolean(), async (one, other, third, isObject) => {
          const user = isObject ? { id: one } : one;
          const { jwt, url } = await app.tokens.issue({ user, scope: 'me', maxUses: 5 });
          expect((await open(app, url)).body).toMatchObject({ name: 'Ann' });
          await app.tokens.redeem(jwt, { scope: 'me', user: other });
          await app.tokens.redeem(jwt, { scope: 'me', user: { id: other } });
          await app.dataSource.transaction((manager) =>
            app.tokens.redeem(jwt, { scope: 'me', user: other, manager }),
          );
          expect(await app.tokens.revoke({ user: third, scope: 'me' })).toBe(1);
          expect((await open(app, url)).body).toMatchObject({ code: 'token_revoked' });
        }),
        { numRuns: 12 },
      );
    },
  );

  it.each(USUAL)('that is %s costs no query', async (_, column, key, spelling) => {
    const app = await start(column, [key]);
    counter.queries = [];
    await app.tokens.issue({ user: fc.sample(spelling, 1)[0], scope: 'me' });
    expect(counter.queries).toHaveLength(1);
  });

  it.each(OTHERS)('that is %s is somebody else when the database says so', async (_, column, key) => {
    const app = await start(column, [key]);
    for (const user of ['nobody', '0', '8', '{}', `${key}x`]) {
      const { jwt, url, token } = await app.tokens.issue({ user, scope: 'me' });
      expect(token.userId).toBe(user);
      expect((await open(app, url)).body).toMatchObject({ code: 'token_user_not_found' });
      await expect(app.tokens.redeem(jwt, { scope: 'me', user: key })).rejects.toMatchObject({
        code: 'token_audience_mismatch',
      });
      expect(await app.tokens.revoke({ user: key })).toBe(0);
      expect(await app.tokens.revoke({ user })).toBe(1);
    }
  });

  it.each(USUAL)('that is %s is not read as more than the database would', async (_, column, key) => {
    const app = await start(column, [key]);
    for (const user of [
      `\u00a0${key}`,
      `${key}\u2003`,
      `{${key}`,
      `${key}}`,
      `- ${key}`,
      `${key}.0`,
      `${key}-`,
    ]) {
      const { url } = await app.tokens.issue({ user, scope: 'me' });
      expect((await open(app, url)).body).toMatchObject({ code: 'token_user_not_found' });
    }
  });

  it('finds a user of the same transaction, and one who is soft-deleted can be revoked', async () => {
    const app = await start(['citext'], []);
    const entity = app.dataSource.entityMetadatas.find(({ tableName }) => tableName === 'keyed')
      ?.target as Type<Keyed>;
    const { token } = await app.dataSource.transaction(async (manager) => {
      await manager.insert(entity, { id: 'Ann' });
      return app.tokens.issue({ user: 'ANN', scope: 'me', manager });
    });
    expect(token.userId).toBe('Ann');
    await app.dataSource.manager.softDelete(entity, 'Ann');
    expect(await app.tokens.revoke({ user: 'aNN' })).toBe(1);
  });

  it('that no row can have is a TypeError within a transaction, which it would end', async () => {
    const app = await start(['date'], []);
    await expect(
      app.dataSource.transaction((manager) => app.tokens.issue({ user: 'some day', scope: 'me', manager })),
    ).rejects.toThrow('user is no key that Keyed can have');
  });

  it('is the same for a user whom the app has put on the request', async () => {
    const entity = withKey('uuid');
    const known = { id: UUID.toUpperCase() };
    const app = await TestApp.start({
      controllers: [MeController],
      entities: [entity],
      token: { users: { entity } },
      configure: (nest) =>
        nest.use((request: { user?: unknown }, _response: unknown, next: () => void) => {
          request.user = known;
          next();
        }),
    });
    apps.push(app);
    await app.dataSource.manager.insert(entity, { id: UUID });
    expect((await open(app, (await app.tokens.issue({ user: UUID, scope: 'me' })).url)).status).toBe(200);
    const { url } = await app.tokens.issue({ user: UUID.replace('8', '9'), scope: 'me' });
    expect((await open(app, url)).body).toMatchObject({ code: 'token_audience_mismatch' });
  });
});

describe('A key, with a loader of the app,', () => {
  let asked: string[] = [];

  @Injectable()
  class Directory extends RequestTokenUserLoader {
    load(id: string) {
      asked.push(id);
      if (id === 'down') throw new Error('the directory is down');
      if (id === 'barred') throw new HttpException('barred', 404);
      if (id === 'careless') return Promise.resolve({ id: 'ann', name: 'Ann' });
      return Promise.resolve(id.trim().toLowerCase() === 'ann' ? { id: 'ann', name: 'Ann' } : null);
    }
  }

  let app: TestApp;
  const begin = async () => {
    app = await TestApp.start({ controllers: [MeController], token: { users: Directory } });
    asked = [];
  };
  afterEach(() => app.close());

  it('has the form that the loader finds', async () => {
    await begin();
    const { url, jwt, token } = await app.tokens.issue({ user: ' ANN', scope: 'me', maxUses: 2 });
    expect(token.userId).toBe('ann');
    expect((await open(app, url)).body).toMatchObject({ name: 'Ann' });
    await app.tokens.redeem(jwt, { scope: 'me', user: 'Ann' });
    expect(await app.tokens.revoke({ user: 'aNN ' })).toBe(1);
  });

  it('is not looked up when the user is given', async () => {
    await begin();
    await app.tokens.issue({ user: { id: 'ann' }, scope: 'me' });
    expect(asked).toEqual([]);
  });

  it('is left as it is where the loader knows nobody, fails, or has somebody else', async () => {
    await begin();
    for (const user of ['bob', 'down', 'barred', 'careless']) {
      expect((await app.tokens.issue({ user, scope: 'me' })).token.userId).toBe(user);
    }
    expect(await app.tokens.revoke({ user: 'barred' })).toBe(1);
    // Nobody should take it for done.
    await expect(app.tokens.revoke({ user: 'down' })).rejects.toThrow('the directory is down');
  });
});
