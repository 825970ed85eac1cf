import { afterAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Module, NotFoundException, Req, type Type } from '@nestjs/common';
import {
  type RequestTokenModuleExtras,
  type RequestTokenRequest,
  RequestTokenUserLoader,
  UseRequestToken,
} from 'nestjs-request-token';
import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { TestApp } from '../../support/test-app.js';
import { User } from '../../support/user.entity.js';

@Entity()
class Member {
  @PrimaryGeneratedColumn('uuid')
  memberId!: string;

  @Column('text')
  name!: string;
}

@Entity()
class Account {
  @PrimaryColumn('text')
  email!: string;

  @Column('text', { default: 'x' })
  name!: string;
}

@Entity()
class BigUser {
  @PrimaryGeneratedColumn({ type: 'bigint' })
  id!: string;

  @Column('text')
  name!: string;
}

@Controller()
class MeController {
  @Get('me')
  @UseRequestToken({ scope: 'me' })
  me(@Req() { user }: RequestTokenRequest) {
    return { user, type: user?.constructor.name };
  }
}

@Injectable()
class Directory {
  find(id: string) {
    return Promise.resolve(id === 'ann' ? { uid: 'ann', mail: 'ann@example.com' } : null);
  }
}

@Module({ providers: [Directory], exports: [Directory] })
class DirectoryModule {}

@Injectable()
class DirectoryLoader extends RequestTokenUserLoader {
  constructor(private readonly directory: Directory) {
    super();
  }

  load(userId: string) {
    if (userId === 'broken') throw new Error('directory is down');
    if (userId === 'gone') throw new NotFoundException('no such person');
    if (userId === 'careless') return Promise.resolve({ uid: 'ann' });
    return this.directory.find(userId);
  }

  override identify(user: { uid?: string }) {
    return user.uid;
  }
}

const open = async (app: TestApp, user: string | number | object) => {
  const { jwt, token } = await app.tokens.issue({ user, scope: 'me' });
  const answer = await app.http.get('/me').query({ rt: jwt });
  return { ...answer.body, status: answer.status, useCount: (await app.row(token.id)).useCount } as Record<
    string,
    unknown
  >;
};

describe.each(ADAPTER_NAMES)('%s: The recipient', (adapter) => {
  const apps: TestApp[] = [];
  const start = async (
    users?: RequestTokenModuleExtras['users'],
    extras: object = {},
    entities: Type<object>[] = [],
  ) => {
    const app = await TestApp.start({
      adapter,
      controllers: [MeController],
      entities,
      token: { ...(users && { users }), ...extras },
    });
    apps.push(app);
    return app;
  };
  afterAll(() => Promise.all(apps.map((app) => app.close())));

  it('is { id } when the module knows no users', async () => {
    const app = await start();
    expect(await open(app, 7)).toMatchObject({ user: { id: '7' } });
  });

  it('is found by a number', async () => {
    const app = await start({ entity: User }, {}, [User]);
    const ann = await app.dataSource.manager.save(User, { name: 'Ann' });
    expect(await open(app, ann)).toMatchObject({ user: { name: 'Ann' }, type: 'User' });
    for (const user of [ann.id + 1, 'abc', '7; DROP TABLE app_user', 'NaN', '1e400', '9'.repeat(40)]) {
      expect(await open(app, user)).toMatchObject({ code: 'token_user_not_found', useCount: 0 });
    }
    await app.dataSource.manager.softDelete(User, ann.id);
    expect(await open(app, ann)).toMatchObject({ code: 'token_user_not_found', useCount: 0 });
  });

  it('is found by a uuid', async () => {
    const app = await start({ entity: Member }, {}, [Member]);
    const ann = await app.dataSource.manager.save(Member, { name: 'Ann' });
    expect(await open(app, ann)).toMatchObject({ user: { name: 'Ann', memberId: ann.memberId } });
    expect(await open(app, ann.memberId)).toMatchObject({ user: { name: 'Ann' } });
    expect(await open(app, 'junk')).toMatchObject({ code: 'token_user_not_found' });
  });

  it('is found by a string', async () => {
    const app = await start({ entity: Account }, {}, [Account]);
    const ann = await app.dataSource.manager.save(Account, { email: 'ann@example.com' });
    expect(await open(app, ann)).toMatchObject({ user: { email: 'ann@example.com' } });
    expect(await open(app, 'ANN@example.com')).toMatchObject({ code: 'token_user_not_found' });
  });

  it('is found by a bigint', async () => {
    const app = await start({ entity: BigUser }, {}, [BigUser]);
    const ann = await app.dataSource.manager.save(BigUser, { name: 'Ann' });
    expect(await open(app, BigInt(ann.id) as never)).toMatchObject({ user: { name: 'Ann' } });
  });

  it('is found by a class of the app, which may inject', async () => {
    const app = await start(DirectoryLoader, { imports: [DirectoryModule] });
    expect(await open(app, { uid: 'ann' })).toMatchObject({ user: { mail: 'ann@example.com' }, useCount: 1 });
    expect(await open(app, 'bob')).toMatchObject({ code: 'token_user_not_found', useCount: 0 });
  });

  it('is refused when the class gives somebody else', async () => {
    const app = await start(DirectoryLoader, { imports: [DirectoryModule] });
    expect(await open(app, 'careless')).toMatchObject({ code: 'token_user_not_found', useCount: 0 });
  });

  it('is 503 when the class fails, or whatever HttpException it throws', async () => {
    const app = await start(DirectoryLoader, { imports: [DirectoryModule] });
    expect(await open(app, 'broken')).toMatchObject({ statusCode: 503, useCount: 0 });
    expect(await open(app, 'gone')).toMatchObject({ statusCode: 404, useCount: 0 });
  });
});
