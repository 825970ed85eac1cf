import { Agent, get as httpGet } from 'node:http';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, InternalServerErrorException } from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import type { DataSourceOptions } from 'typeorm';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { attemptsIn, pathOf, TestApp } from '../../support/test-app.js';

@Controller()
@UseRequestToken({ scope: 'rsvp' })
class RsvpController {
  @Get('rsvp')
  rsvp() {}

  @Get('broken')
  broken() {
    throw new InternalServerErrorException();
  }
}

const times = <Result>(count: number, make: (n: number) => Result): Result[] =>
  Array.from({ length: count }, (_, n) => make(n));

const settings = (options: string): Partial<DataSourceOptions> => ({ extra: { options } });

describe('A token is issued, used, refused, explained and revoked as ever', () => {
  let app: TestApp;
  afterEach(() => app.close());

  /** Everything that reads or writes the tables. */
  async function live() {
    const expiresAt = new Date('2999-12-31T23:59:59.500Z');
    const data = { text: 'é"\\', list: [1, null], big: 2 ** 40 };
    const options = { scope: 'rsvp', maxUses: 2, expiresAt, data };
    const { jwt, token } = await app.tokens.issue(options);
    await app.http.get('/rsvp').query({ rt: jwt }).set('User-Agent', 'Firefox').expect(200);
    await app.kit.settled();
    const group = times(12, (n) => app.http.get(n % 3 ? '/rsvp' : '/broken').query({ rt: jwt }));
    await Promise.all(group);
    await app.kit.settled();

    const inspection = await app.tokens.inspect(jwt);
    const { useCount } = await app.row(token.id);
    expect([1, 2]).toContain(useCount);
    expect(inspection.token).toEqual({ ...token, useCount });
    expect(inspection.usable).toBe(useCount < 2);
    const ids = await app.dataSource.query<{ id: string }[]>(
      `SELECT id::text FROM request_token_log WHERE token_id = '${token.id}' ORDER BY started_at DESC, id DESC`,
    );
    expect(inspection.logs.map(({ id }) => id)).toEqual(ids.map(({ id }) => String(id)));
    for (const { startedAt } of inspection.logs)
      expect(Math.abs(Date.now() - startedAt.getTime())).toBeLessThan(60_000);
    expect(attemptsIn(inspection.logs)).toBe(13);
    expect(inspection.logs.at(-1)).toMatchObject({
      outcome: 'used',
      userAgent: 'Firefox',
      clientIp: '127.0.0.1',
      repeats: 1,
    });

    const pending = await app.tokens.issue(options);
    await app.tokens.redeem(pending.jwt, { scope: 'rsvp' });
    await app.dataSource.query(
      `UPDATE request_token_log SET outcome = 'pending' WHERE token_id = '${pending.token.id}'`,
    );
    expect(await app.tokens.releasePending({ olderThan: 0 })).toBe(1);
    expect(await app.tokens.redeem(pending.jwt, { scope: 'rsvp' })).toMatchObject({
      ...token,
      id: pending.token.id,
      issuedAt: pending.token.issuedAt,
      useCount: 1,
    });

    const many = [];
    for await (const each of app.tokens.issueMany(times(3, () => options))) many.push(each.jwt);
    await Promise.all(many.map((each) => app.http.get('/rsvp').query({ rt: each }).expect(200)));
    expect(await app.tokens.revoke({ scope: 'rsvp' })).toBe(5);
    await app.http.get('/rsvp').query({ rt: many[0] }).expect(403);
    expect(await app.tokens.inspect(many[0])).toMatchObject({ code: 'token_revoked' });
  }

  it.each<[string, Partial<DataSourceOptions>]>([
    ['with results in binary', { extra: { binary: true } }],
    [
      'with a DateStyle, an IntervalStyle and a TimeZone of its own',
      settings('-c datestyle=German -c intervalstyle=sql_standard -c timezone=Asia/Kolkata'),
    ],
    ['with SQL, DMY', settings('-c datestyle=SQL,DMY')],
    ['under repeatable read', settings('-c default_transaction_isolation=repeatable\\ read')],
    ['under serializable', settings('-c default_transaction_isolation=serializable')],
    [
      'without sequential scans, hashes and the like',
      settings('-c enable_seqscan=off -c enable_hashjoin=off -c plan_cache_mode=force_generic_plan'),
    ],
  ])('%s', async (_, dataSource) => {
    app = await TestApp.start({ controllers: [RsvpController], dataSource });
    await live();
  });

  it('on columns of bigint instead of int', async () => {
    app = await TestApp.start({ controllers: [RsvpController] });
    await app.dataSource.query(`
      ALTER TABLE request_token ALTER max_uses TYPE bigint, ALTER use_count TYPE bigint;
      ALTER TABLE request_token_log ALTER status_code TYPE bigint, ALTER duration_ms TYPE bigint, ALTER repeats TYPE bigint`);
    const { jwt, token } = await app.tokens.issue({ scope: 'rsvp', maxUses: 12, data: {} });
    await Promise.all(times(20, () => app.http.get('/rsvp').query({ rt: jwt })));
    await app.kit.settled();
    const inspection = await app.tokens.inspect(jwt);
    expect(inspection).toMatchObject({ code: 'token_exhausted', token: { maxUses: 12, useCount: 12 } });
    expect(inspection.logs.filter(({ outcome }) => outcome === 'used')).toHaveLength(12);
    expect(attemptsIn(inspection.logs)).toBe(20);
    expect(inspection.logs.map(({ statusCode }) => statusCode)).toEqual(
      inspection.logs.map(({ outcome }) => (outcome === 'used' ? 200 : 403)),
    );
    expect(token.maxUses).toBe(12);
  });
});

describe.each(ADAPTER_NAMES)('%s: Good links all work', (adapter) => {
  let app: TestApp;
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  afterEach(() => app.close());
  afterAll(() => agent.destroy());

  const status = (path: string) =>
    new Promise<number>((resolve, reject) => {
      httpGet({ agent, host: '127.0.0.1', port: app.port, path }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      }).once('error', reject);
    });

  it.each(['repeatable\\ read', 'serializable'])(
    'under %s, where conflicts are tried again',
    async (isolation) => {
      app = await TestApp.start({
        adapter,
        controllers: [RsvpController],
        dataSource: settings(`-c default_transaction_isolation=${isolation}`),
      });
      const unlimited = await app.tokens.issue({ scope: 'rsvp', target: '/rsvp', maxUses: null });
      const single = await Promise.all(
        times(640, () => app.tokens.issue({ scope: 'rsvp', target: '/rsvp' })),
      );
      const links = [...times(64, () => unlimited), ...single];
      const statuses = await Promise.all(links.map(({ url }) => status(pathOf(url))));
      expect(statuses.filter((code) => code !== 200)).toEqual([]);
      await app.kit.settled();
      expect((await app.row(unlimited.token.id)).useCount).toBe(64);
      const [{ pending }] = await app.dataSource.query<{ pending: number }[]>(
        `SELECT count(*)::int AS pending FROM request_token_log WHERE outcome <> 'used'`,
      );
      expect(pending).toBe(0);
    },
    60_000,
  );
});
