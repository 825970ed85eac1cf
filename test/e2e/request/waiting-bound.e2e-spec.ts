import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Req } from '@nestjs/common';
import { type RequestTokenRequest, UseRequestToken } from 'nestjs-request-token';
import { Pool } from 'undici';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { pathOf, TestApp } from '../../support/test-app.js';
import { User } from '../../support/user.entity.js';
import { waitFor } from '../../support/wait-for.js';

/** More than the bound, which is 2,000. */
const REQUESTS = 2_600;
/** Fewer than the connections that wait to be accepted before the system turns more away: 511. */
const AT_ONCE = 200;

@Controller()
class LinksController {
  @Get('open')
  @UseRequestToken({ scope: 'x', direct: true })
  open(@Req() { user }: RequestTokenRequest) {
    return user;
  }
}

describe.each(ADAPTER_NAMES)('%s: While the database stands still', (adapter) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      adapter,
      controllers: [LinksController],
      entities: [User],
      token: { users: { entity: User }, statementTimeout: '60s' },
    });
  });
  afterAll(() => app.close());

  it('so many requests wait and no more: the others get 503 at once, and those that wait are let in after it', async () => {
    const user = await app.dataSource.manager.save(User, { name: 'Ann' });
    const { url, token } = await app.tokens.issue({ user, scope: 'x', target: '/open', maxUses: null });
    const pool = new Pool(`http://127.0.0.1:${app.port}`, { connections: REQUESTS, headersTimeout: 0 });
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('LOCK TABLE request_token IN ACCESS EXCLUSIVE MODE');
    const statuses: number[] = [];
    const ask = async () => {
      const { statusCode, body } = await pool.request({ method: 'GET', path: pathOf(url) });
      await body.dump();
      statuses.push(statusCode);
    };
    let arrived = 0;
    (app.app.getHttpServer() as Server).on('request', () => arrived++);
    const asked: Promise<void>[] = [];
    while (asked.length < REQUESTS) {
      asked.push(...Array.from({ length: AT_ONCE }, ask));
      await waitFor(
        () => arrived >= asked.length || undefined,
        () => `${asked.length} requests to arrive; ${arrived} did`,
      );
    }
    // Those for whom there is no room do not wait for the lock to go.
    await waitFor(
      () => statuses.length >= REQUESTS - 2_000 || undefined,
      () => `${REQUESTS - 2_000} answers; there are ${statuses.length}`,
    );
    expect(new Set(statuses)).toEqual(new Set([503]));
    await runner.rollbackTransaction();
    await runner.release();
    await Promise.all(asked);
    await pool.close();
    const served = statuses.filter((status) => status === 200).length;
    expect(statuses.filter((status) => status === 503).length).toBe(REQUESTS - served);
    expect(served).toBeLessThanOrEqual(2_000);
    expect(served).toBeGreaterThan(1_000);
    await app.kit.settled();
    expect((await app.row(token.id)).useCount).toBe(served);
  });

  it('nobody is turned away when it goes on', async () => {
    const user = await app.dataSource.manager.save(User, { name: 'Bob' });
    const { url } = await app.tokens.issue({ user, scope: 'x', target: '/open' });
    await app.get(url).expect(200);
  });
});

describe('issue, while the database stands still', () => {
  it('fails with 503 when it has taken too long, and goes on afterwards', async () => {
    const app = await TestApp.start({ token: { statementTimeout: '500ms' } });
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('LOCK TABLE request_token IN ACCESS EXCLUSIVE MODE');
    const issued = await Promise.allSettled(
      Array.from({ length: 50 }, () => app.tokens.issue({ scope: 'x' })),
    );
    await runner.rollbackTransaction();
    await runner.release();
    const failure = { status: 'rejected', reason: expect.objectContaining({ status: 503 }) };
    expect(issued).toEqual(issued.map(() => failure));
    await app.tokens.issue({ scope: 'x' });
    await app.close();
  });
});
