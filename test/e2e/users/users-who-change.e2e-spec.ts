import { createPublicKey } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, Inject, Injectable, Req, Scope, type Type } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import {
  type IssueOptions,
  type RequestTokenKey,
  type RequestTokenModuleExtras,
  type RequestTokenRequest,
  RequestTokenUserLoader,
  UseRequestToken,
} from 'nestjs-request-token';
import {
  AfterLoad,
  ChildEntity,
  Column,
  DeleteDateColumn,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  TableInheritance,
  UpdateDateColumn,
  VirtualColumn,
} from 'typeorm';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { PAIRS, signer } from '../../support/keys.js';
import { QueryCounter } from '../../support/query-counter.js';
import { TestApp, type TestAppOptions } from '../../support/test-app.js';

class Credentials {
  @Column('text', { nullable: true })
  pin!: string | null;

  @Column('text', { nullable: true, select: false })
  recovery!: string | null;
}

@Entity()
class Team {
  @PrimaryGeneratedColumn()
  id!: number;
}

@Entity()
class Account {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text')
  name!: string;

  @Column('text', { name: 'mail' })
  email!: string;

  @Column('text', { select: false, nullable: true, name: 'password' })
  passwordHash!: string | null;

  @Column(() => Credentials)
  credentials!: Credentials;

  @ManyToOne(() => Team, { eager: true })
  @JoinColumn()
  team!: Team | null;

  @VirtualColumn({ query: (alias) => `SELECT upper(${alias}.mail)` })
  loud!: string;

  @DeleteDateColumn({ type: 'timestamptz' })
  deletedAt!: Date | null;
}

enum Kind {
  Member = 'member',
  Guest = 'guest',
}

/** A column of each kind that users have; what is given when it is saved is not always what is loaded. */
@Entity()
class Everything {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('int') int!: number | string;
  @Column('bigint') bigint!: bigint | string;
  @Column('numeric', { precision: 10, scale: 2 }) numeric!: string;
  @Column('float8') float!: number;
  @Column('varchar', { length: 20 }) varchar!: string;
  @Column('char', { length: 20 }) char!: string;
  @Column('uuid') uuid!: string;
  @Column('bool') bool!: boolean;
  @Column('bytea') bytea!: Buffer;
  @Column('enum', { enum: Kind }) kind!: Kind;
  @Column('date') date!: Date | string;
  @Column('timestamptz') moment!: Date;
  @Column({ type: 'timestamptz', precision: 0 }) second!: Date;
  @Column('timestamp') clock!: Date;
  @Column('time') time!: string;
  @Column('jsonb') json!: object;
  @Column('text', { array: true }) list!: string[];
  @Column('simple-array') simple!: string[];
  @Column('text', { transformer: { from: (text: string) => text, to: (text: string) => text.toLowerCase() } })
  lower!: string;
  @Column('text', { default: 'given by the database' }) byDefault!: string;
  @Column('text', { nullable: true }) nothing!: string | null;
  @UpdateDateColumn({ type: 'timestamptz' }) updatedAt!: Date;
}

const EVERYTHING = (): Partial<Everything> => ({
  int: 7,
  bigint: 9007199254740993n,
  numeric: '1.5',
  float: 0.1,
  varchar: 'a',
  char: 'a',
  uuid: '0189F0E2-1D3A-7C00-8000-0123456789AB',
  bool: false,
  bytea: Buffer.from([0, 255]),
  kind: Kind.Guest,
  date: '2026-01-02T00:00:00.000Z',
  moment: new Date('2026-01-02T03:04:05.678Z'),
  second: new Date('2026-01-02T03:04:05.678Z'),
  clock: new Date('2026-01-02T03:04:05.678Z'),
  time: '3:04',
  json: { b: 1, a: [{ c: null }] },
  list: ['a', 'b'],
  simple: ['a', 'b'],
  lower: 'ANN',
});

/** The property that makes it differ, in the way that the database tells. */
const CHANGES: Partial<Everything> = {
  int: 8,
  bigint: 9007199254740992n,
  numeric: '1.51',
  float: 0.2,
  varchar: 'A',
  char: 'A',
  uuid: '0189f0e2-1d3a-7c00-8000-0123456789ac',
  bool: true,
  bytea: Buffer.from([0, 254]),
  kind: Kind.Member,
  date: '2026-01-03',
  moment: new Date('2026-01-02T03:04:05.679Z'),
  second: new Date('2026-01-02T03:04:07.000Z'),
  clock: new Date('2026-01-02T03:04:05.679Z'),
  time: '3:05',
  json: { b: 1, a: [{ c: 0 }] },
  list: ['a,b'],
  simple: ['ab'],
  lower: 'bob',
  byDefault: '',
  nothing: '',
};

/** Hides by itself what links are to be bound to. */
@Entity()
class Discreet {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text')
  hash?: string;

  @AfterLoad()
  hide() {
    delete this.hash;
  }
}

@Entity()
@TableInheritance({ column: { type: 'text', name: 'type' } })
class Staff {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text', { select: false })
  hash!: string;
}

@ChildEntity()
class Admin extends Staff {
  @Column('text', { nullable: true })
  pager!: string | null;
}

@Controller()
class MeController {
  @Get('me')
  @UseRequestToken({ scope: 'me' })
  me(@Req() { user }: RequestTokenRequest) {
    return user;
  }

  @All('sure')
  @UseRequestToken({ scope: 'sure', confirm: true })
  sure() {
    return 'Done.';
  }

  @Get('perhaps')
  @UseRequestToken({ scope: 'me', onInvalid: 'ignore' })
  perhaps(@Req() { user, requestTokenError }: RequestTokenRequest) {
    return { user: user ?? null, code: requestTokenError?.getResponse() };
  }
}

const BOUND = { entity: Account, boundTo: ['passwordHash', 'email'] };

describe.each(ADAPTER_NAMES)('%s: A user who has changed', (adapter) => {
  const apps: TestApp[] = [];
  const databases: TestDatabase[] = [];
  const start = async (users: RequestTokenModuleExtras['users'], options: Partial<TestAppOptions> = {}) => {
    const app = await TestApp.start({
      adapter,
      controllers: [MeController],
      entities: [Account, Team, Everything, Discreet, Staff, Admin],
      ...options,
      token: { ...(users && { users }), ...options.token },
    });
    apps.push(app);
    return app;
  };
  const sharedDatabase = async () => {
    const database = await createDatabase();
    databases.push(database);
    return database.url;
  };
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
    for (const database of databases.splice(0)) await database.drop();
  });

  const save = (app: TestApp) =>
    app.dataSource.manager.save(
      app.dataSource.manager.create(Account, {
        name: 'Ann',
        email: 'ann@example.com',
        passwordHash: 'hash of 1',
        credentials: { pin: null, recovery: null },
      }),
    );
  const change = (app: TestApp, { id }: { id: number }, to: object) =>
    app.dataSource.manager.update(Account, id, to);
  const issue = (app: TestApp, user: IssueOptions['user'], options: Partial<IssueOptions> = {}) =>
    app.tokens.issue({ user, scope: 'me', maxUses: null, ...options });
  const open = async (app: TestApp, jwt: string, path = '/me') =>
    (await app.http.get(path).query({ rt: jwt })) as { status: number; body: { code?: string } };

  describe.each([
    ['the object', (ann: Account) => ann],
    ['the key', ({ id }: Account) => id],
    ['an object with the key alone', ({ id }: Account) => ({ id })],
  ])('of a link issued with %s', (_, given) => {
    it.each([
      ['the password', { passwordHash: 'hash of 2' }],
      ['the address', { email: 'ann@example.org' }],
      ['the password, removed', { passwordHash: null }],
    ])('is token_user_changed, with no use taken: %s', async (__, to) => {
      const app = await start(BOUND);
      const ann = await save(app);
      const { jwt, token } = await issue(app, given(ann));
      expect(await open(app, jwt)).toMatchObject({ status: 200 });
      await change(app, ann, to);
      expect(await open(app, jwt)).toMatchObject({ status: 403, body: { code: 'token_user_changed' } });
      const outcomes = (await app.settledLogs(token.id, 2)).map(({ outcome }) => outcome);
      expect(outcomes).toEqual(['used', 'token_user_changed']);
      expect((await app.row(token.id)).useCount).toBe(1);
    });

    it('may change in what the link is not bound to, and change back', async () => {
      const app = await start(BOUND);
      const ann = await save(app);
      const { jwt } = await issue(app, given(ann));
      await change(app, ann, { name: 'Anna' });
      expect(await open(app, jwt)).toMatchObject({ status: 200, body: { name: 'Anna' } });
      await change(app, ann, { email: 'other' });
      expect(await open(app, jwt)).toMatchObject({ status: 403 });
      await change(app, ann, { email: 'ann@example.com' });
      expect(await open(app, jwt)).toMatchObject({ status: 200 });
    });
  });

  it('is compared with what the caller had, if an object is given', async () => {
    const app = await start(BOUND);
    const ann = await save(app);
    await change(app, ann, { passwordHash: 'hash of 2' });
    const { jwt } = await issue(app, ann);
    expect((await open(app, jwt)).body.code).toBe('token_user_changed');
  });

  it('keeps to itself what its entity does not select: request.user has no password', async () => {
    const app = await start({ entity: Account, boundTo: ['passwordHash', 'credentials.recovery'] });
    const ann = await save(app);
    const { jwt } = await issue(app, ann);
    const { body } = await open(app, jwt);
    expect(body).toMatchObject({ name: 'Ann', credentials: { pin: null }, team: null });
    expect(JSON.stringify(body)).not.toMatch(/hash|recovery/i);
    await change(app, ann, { credentials: { recovery: 'word' } });
    expect((await open(app, jwt)).body.code).toBe('token_user_changed');
  });

  it('costs no query more with the object, and one with a key or an object that lacks something', async () => {
    const counter = new QueryCounter();
    const app = await start(BOUND, { dataSource: counter.dataSource });
    const ann = await save(app);
    const queriesOf = async (work: () => Promise<unknown>) => {
      counter.queries = [];
      await work();
      return counter.queries.filter((query) => query.includes('"account"')).length;
    };
    expect(await queriesOf(() => issue(app, ann))).toBe(0);
    expect(await queriesOf(() => issue(app, ann.id))).toBe(1);
    expect(await queriesOf(() => issue(app, { ...ann, passwordHash: undefined }))).toBe(1);
    expect(await queriesOf(() => issue(app, ann.id, { bound: false }))).toBe(0);
    const jwts: string[] = [];
    const many = async (user: IssueOptions['user']) => {
      for await (const { jwt } of app.tokens.issueMany(Array(120).fill({ user, scope: 'me' })))
        jwts.push(jwt);
    };
    expect(await queriesOf(() => many(ann))).toBe(0);
    expect(await queriesOf(() => many(ann.id))).toBe(120);
    expect(await queriesOf(() => open(app, jwts[0]))).toBe(1);
    expect((await open(app, jwts[119])).status).toBe(200);
  });

  it('is refused by redeem, also in the transaction that changes the user, and by inspect', async () => {
    const app = await start(BOUND);
    const ann = await save(app);
    const { jwt, token } = await issue(app, ann);
    await app.tokens.redeem(jwt, { scope: 'me', user: ann });
    expect(await app.tokens.inspect(jwt)).toMatchObject({ usable: true });
    const redeemed = app.dataSource.transaction(async (manager) => {
      await manager.update(Account, ann.id, { passwordHash: 'hash of 2' });
      return app.tokens.redeem(jwt, { scope: 'me', manager });
    });
    await expect(redeemed).rejects.toMatchObject({ code: 'token_user_changed' });
    // Rolled back, and so nothing has changed.
    await app.tokens.redeem(jwt, { scope: 'me' });
    await change(app, ann, { passwordHash: 'hash of 2' });
    await expect(app.tokens.redeem(jwt, { scope: 'me' })).rejects.toMatchObject({
      code: 'token_user_changed',
    });
    expect(await app.tokens.inspect(jwt)).toMatchObject({
      usable: false,
      code: 'token_user_changed',
      token: { useCount: 2 },
    });
    const outcomes = (await app.kit.log(token)).map(({ outcome }) => outcome);
    expect(outcomes.sort()).toEqual(['token_user_changed', 'used', 'used']);
  });

  it('ends a deferred link, used before or not', async () => {
    const app = await start(BOUND);
    const ann = await save(app);
    const options = { deferred: true, expiresIn: '1h' } as const;
    const [unused, used] = [await issue(app, ann, options), await issue(app, ann.id, options)];
    expect(await app.tokens.inspect(unused.jwt)).toMatchObject({ usable: true });
    expect((await open(app, used.jwt)).status).toBe(200);
    await change(app, ann, { passwordHash: 'hash of 2' });
    for (const { jwt } of [unused, used]) {
      expect((await open(app, jwt)).body.code).toBe('token_user_changed');
      expect(await app.tokens.inspect(jwt)).toMatchObject({ usable: false, code: 'token_user_changed' });
    }
    await change(app, ann, { passwordHash: 'hash of 1' });
    for (const { jwt } of [unused, used]) expect((await open(app, jwt)).status).toBe(200);
  });

  it('is told on the confirm page, in the language of the reader, and by its button', async () => {
    const app = await start(BOUND);
    const ann = await save(app);
    const { jwt } = await issue(app, ann, { scope: 'sure' });
    const read = (method: 'get' | 'post') =>
      app.http[method]('/sure').query({ rt: jwt }).set({ Accept: 'text/html', 'Accept-Language': 'de' });
    expect((await read('get')).status).toBe(200);
    await change(app, ann, { email: 'ann@example.org' });
    for (const method of ['get', 'post'] as const) {
      const page = await read(method);
      expect(page.status).toBe(403);
      expect(page.text).toContain('Dieser Link passt nicht mehr zu Ihrem Konto');
    }
  });

  it('is nobody on a route that ignores bad tokens', async () => {
    const app = await start(BOUND);
    const ann = await save(app);
    const { jwt } = await issue(app, ann);
    await change(app, ann, { email: 'ann@example.org' });
    expect((await open(app, jwt, '/perhaps')).body).toMatchObject({
      user: null,
      code: { code: 'token_user_changed' },
    });
  });

  it('is no matter to tokens that say bound: false, or look nobody up', async () => {
    const app = await start(BOUND);
    const ann = await save(app);
    const unbound = await issue(app, ann, { bound: false });
    const ofNobody = await issue(app, ann, { loginMode: 'none' });
    await change(app, ann, { email: 'ann@example.org' });
    for (const { jwt } of [unbound, ofNobody]) {
      expect(await app.tokens.verify(jwt)).not.toHaveProperty('usr');
      expect((await open(app, jwt)).status).toBe(200);
    }
  });

  it.each([
    ['no boolean', BOUND, { bound: 1 }, 'must be true or false'],
    ['undefined', BOUND, { bound: undefined }, 'leave it out'],
    ['for nobody', BOUND, { bound: true, user: null }, 'needs a user'],
    ['for login mode none', BOUND, { bound: true, loginMode: 'none' }, 'needs a user'],
    ['without boundTo', { entity: Account }, { bound: true }, 'users.boundTo'],
  ])('bound: %s is a TypeError', async (_, users, options, message) => {
    const app = await start(users);
    const { user, ...others } = { user: await save(app), ...options } as IssueOptions;
    const issued = app.tokens.issue({ ...(user !== null && { user }), scope: 'me', ...others });
    await expect(issued).rejects.toThrow(TypeError);
    await expect(issued).rejects.toThrow(message);
  });

  it('cannot be bound without being there: no token is issued for a key that finds nobody', async () => {
    const app = await start(BOUND);
    await expect(issue(app, 99)).rejects.toThrow(TypeError);
    await expect(issue(app, { id: 99 })).rejects.toThrow('no such user');
    const { jwt } = await app.dataSource.transaction(async (manager) => {
      const { id } = await manager.save(Account, {
        name: 'Bob',
        email: 'bob@example.com',
        credentials: { pin: null, recovery: null },
      });
      await expect(issue(app, id)).rejects.toThrow('give manager');
      return issue(app, id, { manager });
    });
    expect((await open(app, jwt)).status).toBe(200);
  });

  it('is known whoever was there before: links without usr go on, those with it end with boundTo', async () => {
    const databaseUrl = await sharedDatabase();
    const before = await start({ entity: Account }, { databaseUrl });
    const app = await start(BOUND, { databaseUrl });
    const other = await start({ entity: Account, boundTo: ['email'] }, { databaseUrl });
    const nobody = await start(undefined, { databaseUrl });
    const ann = await save(app);
    const old = await issue(before, ann);
    const { jwt } = await issue(app, ann);
    expect((await open(app, jwt)).status).toBe(200);
    for (const { http } of [before, other, nobody]) {
      const { body } = await http.get('/me').query({ rt: jwt });
      expect(body.code).toBe('token_user_changed');
    }
    await change(app, ann, { email: 'ann@example.org' });
    expect((await open(app, old.jwt)).status).toBe(200);
  });

  it('is seen with every key of the ring, which the kid chooses', async () => {
    const databaseUrl = await sharedDatabase();
    const rings: [RequestTokenKey, ...RequestTokenKey[]][] = [
      [signer('EdDSA')],
      [signer('ES256'), signer('EdDSA')],
      [signer('HS512'), signer('RS256'), signer('ES256'), signer('EdDSA')],
    ];
    const jwts: string[] = [];
    let ann: Account | undefined;
    for (const keys of rings) {
      const app = await start(BOUND, { databaseUrl, token: { keys } });
      ann ??= await save(app);
      jwts.push((await issue(app, ann.id)).jwt);
      for (const jwt of jwts) expect((await open(app, jwt)).status).toBe(200);
    }
    const last = apps[apps.length - 1];
    await change(last, ann as Account, { passwordHash: 'hash of 2' });
    for (const jwt of jwts) expect((await open(last, jwt)).body.code).toBe('token_user_changed');
  });

  it('could not be seen with a public key alone: the app does not boot, and says why', async () => {
    const publicKey = createPublicKey(PAIRS.ES256.privateKey);
    const keys: RequestTokenKey[] = [signer('EdDSA'), { alg: 'ES256', publicKey }];
    await expect(start(BOUND, { token: { keys } })).rejects.toThrow(/boundTo.*keys\[1\].*privateKey/);
    await start({ entity: Account }, { token: { keys } });
  });

  it.each([
    [['pasword'], 'pasword is not a column of Account'],
    [['team'], 'of a relation the column'],
    [['loud'], 'loud is not a column'],
    [['credentials'], 'credentials.hash'],
    [['credentials.word'], 'credentials.word is not a column'],
    [['constructor'], 'constructor is not a column'],
    [[], 'must be a list'],
    ['email', 'must be a list'],
    [[undefined], 'must be a list'],
    [undefined, 'boundTo is undefined'],
  ])('boundTo: %p is refused at boot', async (boundTo, message) => {
    const users = { entity: Account, boundTo } as RequestTokenModuleExtras['users'];
    await expect((async () => start(users))()).rejects.toThrow(message);
  });

  it('without what its own entity hides is an error, not a user who has nothing to be bound to', async () => {
    const app = await start({ entity: Discreet, boundTo: ['hash'] });
    const { id } = await app.dataSource.manager.save(Discreet, { hash: 'x' });
    await expect(issue(app, id)).rejects.toThrow('give null for what there is not');
    const { jwt } = await issue(app, { id, hash: 'x' });
    expect((await open(app, jwt)).status).toBe(503);
  });

  it('may be one of a table of several entities', async () => {
    const app = await start({ entity: Staff, boundTo: ['hash'] });
    const admin = await app.dataSource.manager.save(Admin, { hash: 'x', pager: null });
    const jwts = [(await issue(app, admin)).jwt, (await issue(app, admin.id)).jwt];
    for (const jwt of jwts) expect((await open(app, jwt)).body).toEqual({ id: admin.id, pager: null });
    await app.dataSource.manager.update(Staff, admin.id, { hash: 'y' });
    for (const jwt of jwts) expect((await open(app, jwt)).body.code).toBe('token_user_changed');
  });

  it('may be in a database that is initialized later', async () => {
    const app = await start(BOUND, { dataSource: { manualInitialization: true } as object });
    await expect(issue(app, { id: 1 })).rejects.toThrow('not initialized');
    await app.dataSource.initialize();
    const ann = await save(app);
    const { jwt } = await issue(app, ann);
    expect((await open(app, jwt)).status).toBe(200);
    await change(app, ann, { email: 'ann@example.org' });
    expect((await open(app, jwt)).body.code).toBe('token_user_changed');
  });

  describe('in a column of another type', () => {
    const properties = Object.keys(CHANGES);
    const manager = (app: TestApp) => app.dataSource.manager;

    it.each(properties)('is the same as saved and as loaded, and seen to change: %s', async (property) => {
      const app = await start({ entity: Everything, boundTo: [property] });
      const saved = await manager(app).save(manager(app).create(Everything, EVERYTHING()));
      const loaded = await manager(app).findOneByOrFail(Everything, { id: saved.id });
      const jwts: string[] = [];
      for (const user of [saved, loaded, saved.id, { id: saved.id }]) {
        jwts.push((await issue(app, user)).jwt);
      }
      for (const jwt of jwts) expect((await open(app, jwt)).status).toBe(200);
      await manager(app).update(Everything, saved.id, {
        [property]: CHANGES[property as keyof Everything],
      });
      for (const jwt of jwts) expect((await open(app, jwt)).body.code).toBe('token_user_changed');
    });

    it('is the same when the row is saved without a change, and seen by its time of change', async () => {
      const app = await start({ entity: Everything, boundTo: ['updatedAt'] });
      const saved = await manager(app).save(manager(app).create(Everything, EVERYTHING()));
      const { jwt } = await issue(app, saved);
      expect((await open(app, jwt)).status).toBe(200);
      await manager(app).update(Everything, saved.id, { int: 8 });
      expect((await open(app, jwt)).body.code).toBe('token_user_changed');
    });

    it('of an embedded entity, null or not', async () => {
      const app = await start({ entity: Account, boundTo: ['credentials.pin'] });
      const ann = await save(app);
      const jwts = [(await issue(app, ann)).jwt, (await issue(app, ann.id)).jwt];
      for (const jwt of jwts) expect((await open(app, jwt)).status).toBe(200);
      await change(app, ann, { credentials: { pin: '1234' } });
      for (const jwt of jwts) expect((await open(app, jwt)).body.code).toBe('token_user_changed');
    });
  });

  describe('found by a class of the app', () => {
    interface Person {
      id: string;
      mail?: string;
      password?: string | null;
    }
    const people = new Map<string, Person>();
    let loads = 0;

    @Injectable()
    class PeopleLoader extends RequestTokenUserLoader {
      load(id: string) {
        loads++;
        return Promise.resolve(people.get(id.toLowerCase()));
      }

      override boundTo({ mail, password }: Person): unknown[] {
        return [mail, password];
      }
    }

    @Injectable({ scope: Scope.REQUEST })
    class ScopedLoader extends PeopleLoader {
      constructor(@Inject(REQUEST) readonly request: unknown) {
        super();
      }
    }

    const LOADERS: [string, Type<RequestTokenUserLoader>][] = [
      ['one for all', PeopleLoader],
      ['one for each request', ScopedLoader],
    ];

    it.each(LOADERS)('%s: is loaded once for a key, and not for the object', async (_, users) => {
      const app = await start(users);
      const ann = { id: 'ann', mail: 'ann@example.com', password: null };
      people.set('ann', ann);
      loads = 0;
      const jwts = [(await issue(app, { ...ann })).jwt];
      expect(loads).toBe(0);
      const byKey = await issue(app, 'ANN');
      expect([loads, byKey.token.userId]).toEqual([1, 'ann']);
      jwts.push(byKey.jwt, (await issue(app, { id: 'ann' })).jwt);
      expect(loads).toBe(2);
      for (const jwt of jwts) expect((await open(app, jwt)).status).toBe(200);
      people.set('ann', { ...ann, password: 'hash' });
      for (const jwt of jwts) expect((await open(app, jwt)).body.code).toBe('token_user_changed');
    });

    it('without something that links are bound to: nothing is issued, and nothing served', async () => {
      const app = await start(PeopleLoader);
      people.set('bob', { id: 'bob', mail: 'bob@example.com', password: 'hash' });
      const { jwt, token } = await issue(app, 'bob');
      people.set('bob', { id: 'bob', mail: 'bob@example.com' });
      await expect(issue(app, 'bob')).rejects.toThrow('give null for what there is not');
      expect((await open(app, jwt)).status).toBe(503);
      expect((await app.row(token.id)).useCount).toBe(0);
      await expect(issue(app, 'nobody')).rejects.toThrow('no such user');
    });

    it('that gives no list is an error, not a link that is bound to nothing', async () => {
      class Careless extends PeopleLoader {
        override boundTo(): never {
          return Promise.resolve(['hash']) as never;
        }
      }
      const app = await start(Careless);
      people.set('ann', { id: 'ann' });
      await expect(issue(app, 'ann')).rejects.toThrow('boundTo must return a list');
    });
  });
});
