import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { All, Controller, Get } from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { DataSource, type QueryRunner } from 'typeorm';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { TestApp, type TestAppOptions } from '../../support/test-app.js';
import { User } from '../../support/user.entity.js';
import { waitFor } from '../../support/wait-for.js';

@Controller()
class LinksController {
  constructor(private readonly dataSource: DataSource) {}

  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp', direct: true })
  rsvp() {}

  @All('page')
  @UseRequestToken({ scope: 'rsvp' })
  page() {}

  @Get('plain')
  plain() {
    return this.dataSource.query('SELECT 1');
  }
}

interface Pool {
  totalCount: number;
  idleCount: number;
  waitingCount: number;
}

const times = <Result>(count: number, make: (n: number) => Result): Result[] =>
  Array.from({ length: count }, (_, n) => make(n));

describe.each(ADAPTER_NAMES)('%s: Of the pool of the app', (adapter) => {
  let app: TestApp;
  const runners: QueryRunner[] = [];
  afterEach(async () => {
    await giveBack();
    await app.close();
  });

  const start = async (options: Partial<TestAppOptions> = {}) => {
    app = await TestApp.start({
      adapter,
      controllers: [LinksController],
      entities: [User],
      ...options,
      token: { users: { entity: User }, ...options.token },
    });
    await app.dataSource.manager.save(User, { name: 'Ann' });
  };
  const take = async () => {
    const runner = app.dataSource.createQueryRunner();
    runners.push(runner);
    await runner.connect();
    return runner;
  };
  const giveBack = async () => {
    for (const runner of runners.splice(0)) {
      if (runner.isTransactionActive) await runner.rollbackTransaction();
      await runner.release();
    }
  };
  const pool = () => (app.dataSource.driver as unknown as { master: Pool }).master;
  const busy = () => pool().totalCount - pool().idleCount;
  const get = async (path: string, rt = '') => {
    const response = await fetch(`http://127.0.0.1:${app.port}${path}?rt=${rt}`);
    await response.text();
    return response.status;
  };

  it('two connections are left to it, whatever the tables are locked for', async () => {
    await start();
    const issued = await Promise.all(
      times(40, (n) => app.tokens.issue({ scope: 'rsvp', maxUses: 3, ...(n % 2 && { user: 1 }) })),
    );
    const runner = await take();
    await runner.startTransaction();
    await runner.query('LOCK TABLE request_token, app_user IN ACCESS EXCLUSIVE MODE');
    const asked = [
      ...issued.flatMap(({ jwt }) => [get('/rsvp', jwt), get('/page', jwt)]),
      ...issued.map(({ jwt }) => app.tokens.redeem(jwt, { scope: 'rsvp' }).catch(() => undefined)),
      ...times(20, () => app.tokens.issue({ scope: 'rsvp' }).catch(() => undefined)),
      ...times(20, () => app.tokens.inspect(issued[0].jwt).catch(() => undefined)),
      ...times(5, () => app.tokens.revoke({ scope: 'rsvp' }).catch(() => undefined)),
    ];
    const seen: number[] = [];
    for (let n = 0; n < 20; n++) {
      seen.push(busy());
      await setTimeout(20);
    }
    expect(await get('/plain')).toBe(200);
    expect(Math.max(...seen)).toBeLessThanOrEqual(8 + 1);
    await giveBack();
    await Promise.all(asked);
    expect(await get('/rsvp', (await app.tokens.issue({ scope: 'rsvp' })).jwt)).toBe(200);
  });

  it('no more wait in its queue while it is empty, and links work as soon as it is not', async () => {
    await start({ dataSource: { poolSize: 4 }, token: { statementTimeout: '300ms' } });
    const { jwt } = await app.tokens.issue({ scope: 'rsvp', user: 1, maxUses: null });
    await Promise.all(times(4, take));
    for (let n = 0; n < 4; n++) {
      expect(new Set(await Promise.all(times(30, () => get('/rsvp', jwt))))).toEqual(new Set([503]));
      expect(pool().waitingCount).toBeLessThanOrEqual(2);
    }
    await giveBack();
    await waitFor(
      () => pool().waitingCount === 0 || undefined,
      () => 'the queue of the pool to be empty',
    );
    expect(await Promise.all(times(10, () => get('/rsvp', jwt)))).toEqual(times(10, () => 200));
  });

  it('one connection is enough', async () => {
    await start({ dataSource: { poolSize: 1 } });
    const issued = await Promise.all(times(100, () => app.tokens.issue({ scope: 'rsvp', user: 1 })));
    expect(await Promise.all(issued.map(({ jwt }) => get('/rsvp', jwt)))).toEqual(times(100, () => 200));
    await app.kit.settled();
  });

  it('one connection is enough while somebody vacuums the table, after many tokens were issued', async () => {
    await start({ dataSource: { poolSize: 1 }, token: { statementTimeout: '2s' } });
    const { jwt } = await app.tokens.issue({ scope: 'rsvp', user: 1, maxUses: null });
    const other = await new DataSource({ ...app.dataSource.options, synchronize: false }).initialize();
    const vacuum = other.createQueryRunner();
    await vacuum.startTransaction();
    await vacuum.query('LOCK TABLE request_token IN SHARE UPDATE EXCLUSIVE MODE');
    const many = app.tokens.issueMany(times(1_000, () => ({ scope: 'x' })));
    for await (const issued of many) void issued;
    const statuses: number[] = [];
    for (let n = 0; n < 5; n++) statuses.push(await get('/rsvp', jwt));
    await vacuum.rollbackTransaction();
    await vacuum.release();
    await other.destroy();
    expect(statuses).toEqual(times(5, () => 200));
  });

  it('so many wait for one, and no more', async () => {
    // So long that nobody is sent away for the time it takes.
    await start({ token: { statementTimeout: '1m' } });
    const { jwt } = await app.tokens.issue({ scope: 'rsvp', user: 1, maxUses: null });
    const runner = await take();
    await runner.startTransaction();
    await runner.query('LOCK TABLE app_user IN ACCESS EXCLUSIVE MODE');
    let refused = 0;
    const redeemed = times(3_000, () =>
      app.tokens.redeem(jwt, { scope: 'rsvp' }).catch(() => {
        refused++;
      }),
    );
    await waitFor(
      () => refused >= 900 || undefined,
      () => `refusals; there are ${refused}`,
    );
    expect(pool().waitingCount).toBe(0);
    await giveBack();
    await Promise.all(redeemed);
    expect(refused).toBeLessThan(1_200);
  });
});
