import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Req } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  RequestToken,
  RequestTokenLog,
  RequestTokenRevocation,
  RequestTokenStatistic,
  type RequestTokenRequest,
  UseRequestToken,
} from 'nestjs-request-token';
import { Column, DataSource, Entity, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { QueryCounter } from '../../support/query-counter.js';
import { TestApp, type TestAppOptions } from '../../support/test-app.js';
import { User } from '../../support/user.entity.js';

@Entity()
class Team {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text')
  name!: string;
}

@Entity()
class Player {
  @PrimaryGeneratedColumn()
  id!: number;

  @ManyToOne(() => Team, { eager: true })
  @JoinColumn()
  team!: Team;
}

@Controller()
class MeController {
  @Get('me')
  @UseRequestToken({ scope: 'me' })
  me(@Req() { user }: RequestTokenRequest) {
    return user;
  }
}

describe.each(ADAPTER_NAMES)('%s: The user of a token', (adapter) => {
  let app: TestApp;
  const databases: TestDatabase[] = [];
  const start = async (options: Partial<TestAppOptions> = {}) => {
    app = await TestApp.start({
      adapter,
      controllers: [MeController],
      entities: [User, Team, Player],
      token: { users: { entity: User } },
      ...options,
    });
    return app;
  };
  afterEach(async () => {
    await app.close();
    for (const database of databases.splice(0)) await database.drop();
  });

  const open = async (user: object) => {
    const { jwt } = await app.tokens.issue({ user, scope: 'me' });
    return app.http.get('/me').query({ rt: jwt });
  };

  it('is read from the primary, whatever a replica still says', async () => {
    const [primary, replica] = [await createDatabase(), await createDatabase()];
    databases.push(primary, replica);
    const stale = await new DataSource({
      type: 'postgres',
      url: replica.url,
      entities: [
        User,
        Team,
        Player,
        RequestToken,
        RequestTokenLog,
        RequestTokenRevocation,
        RequestTokenStatistic,
      ],
      synchronize: true,
    }).initialize();
    await stale.manager.save(User, { name: 'Ann, of old' });
    await stale.destroy();

    await start({
      databaseUrl: primary.url,
      dataSource: {
        replication: { master: { url: primary.url }, slaves: [{ url: replica.url }] },
      },
    });
    // The app's own reads go to the replica.
    expect(await app.dataSource.manager.findOneBy(User, { id: 1 })).toMatchObject({ name: 'Ann, of old' });
    const ann = await app.dataSource.manager.save(User, { name: 'Ann' });
    const bob = await app.dataSource.manager.save(User, { name: 'Bob' });
    expect((await open(ann)).body).toMatchObject({ name: 'Ann' });
    expect((await open(bob)).body).toMatchObject({ name: 'Bob' });
    const { jwt, token } = await app.tokens.issue({ user: ann, scope: 'me' });
    await app.tokens.redeem(jwt, { scope: 'me' });
    expect(await app.kit.log(token)).toMatchObject([{ outcome: 'used' }]);
    await app.dataSource.manager.softDelete(User, ann.id);
    expect((await open(ann)).body).toMatchObject({ code: 'token_user_not_found' });
  });

  it('is read past a query cache that is always on', async () => {
    await start({ dataSource: { cache: { alwaysEnabled: true, duration: 60_000 } } });
    const ann = await app.dataSource.manager.save(User, { name: 'Ann' });
    expect((await open(ann)).status).toBe(200);
    await app.dataSource.manager.update(User, ann.id, { name: 'Anna' });
    expect((await open(ann)).body).toMatchObject({ name: 'Anna' });
    await app.dataSource.manager.delete(User, ann.id);
    expect((await open(ann)).body).toMatchObject({ code: 'token_user_not_found' });

    const { jwt, token } = await app.tokens.issue({ scope: 'me', maxUses: null });
    expect(await app.kit.log(token)).toEqual([]);
    await app.tokens.redeem(jwt, { scope: 'me' });
    expect(await app.kit.log(token)).toHaveLength(1);
  });

  it('is read past such a cache inside the transaction of the caller, too', async () => {
    await start({ dataSource: { cache: { alwaysEnabled: true, duration: 60_000 } } });
    const ann = await app.dataSource.manager.save(User, { name: 'Ann' });
    const { jwt } = await app.tokens.issue({ user: ann, scope: 'me', maxUses: null });
    await app.tokens.redeem(jwt, { scope: 'me' });
    await expect(
      app.dataSource.transaction(async (manager) => {
        await app.tokens.redeem(jwt, { scope: 'me', manager });
        await manager.delete(User, ann.id);
        await app.tokens.redeem(jwt, { scope: 'me', manager });
      }),
    ).rejects.toMatchObject({ code: 'token_user_not_found' });
    // Rolled back.
    await app.tokens.redeem(jwt, { scope: 'me' });
  });

  it('comes with its eager relations, in one round trip, and leaves no connection taken', async () => {
    const counter = new QueryCounter();
    await start({
      token: { users: { entity: Player } },
      dataSource: { ...counter.dataSource, extra: { max: 2 } } as TestAppOptions['dataSource'],
    });
    const team = await app.dataSource.manager.save(Team, { name: 'Red' });
    const ann = await app.dataSource.manager.save(Player, { team });
    counter.queries = [];
    expect((await open(ann)).body).toMatchObject({ team: { name: 'Red' } });
    expect(counter.queries.filter((query) => query.includes('"player"'))).toHaveLength(1);
    for (let round = 0; round < 10; round++) expect((await open(ann)).status).toBe(200);
  });

  it('is found by a DataSource that the app initializes by itself', async () => {
    const database = await createDatabase();
    databases.push(database);
    await start({
      databaseUrl: database.url,
      dataSource: { manualInitialization: true } as TestAppOptions['dataSource'],
    });
    await app.dataSource.initialize();
    const ann = await app.dataSource.manager.save(User, { name: 'Ann' });
    expect((await open(ann)).body).toMatchObject({ name: 'Ann' });
  });

  it('of an entity that is none of the DataSource is said at first use, where metadata come later', async () => {
    const database = await createDatabase();
    databases.push(database);
    await start({
      databaseUrl: database.url,
      token: { users: { entity: TypeOrmModule } },
      dataSource: { manualInitialization: true } as TestAppOptions['dataSource'],
    });
    await expect(app.tokens.issue({ user: 1, scope: 'me' })).rejects.toThrow('not initialized yet');
    await app.dataSource.initialize();
    await expect(app.tokens.issue({ user: 1, scope: 'me' })).rejects.toThrow(
      'TypeOrmModule is not an entity of the DataSource',
    );
  });
});
