import type { EventEmitter } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, type LoggerService } from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { TestApp } from '../../support/test-app.js';

@Controller()
class RsvpController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp', direct: true })
  rsvp() {}
}

const POOL_SIZE = 10;

const times = <Result>(count: number, make: (n: number) => Result): Result[] =>
  Array.from({ length: count }, (_, n) => make(n));

class Warnings implements LoggerService {
  readonly texts: string[] = [];
  log(): void {}
  error(text: unknown): void {
    this.texts.push(String(text));
  }
  warn(text: unknown): void {
    this.texts.push(String(text));
  }
}

describe.each(ADAPTER_NAMES)('%s: Links work', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  const start = async (extra: object = {}, logger?: LoggerService) => {
    app = await TestApp.start({
      adapter,
      controllers: [RsvpController],
      dataSource: { poolSize: POOL_SIZE, extra },
      logger,
    });
  };

  const click = async () => {
    const { jwt } = await app.tokens.issue({ scope: 'rsvp' });
    const { status } = await app.http.get('/rsvp').query({ rt: jwt });
    return status;
  };

  /** On every connection of the pool. */
  const onAll = async (sql: string) => {
    const runners = times(POOL_SIZE, () => app.dataSource.createQueryRunner());
    await Promise.all(runners.map((runner) => runner.query(sql)));
    await Promise.all(runners.map((runner) => runner.release()));
  };

  it('on connections that the server ends when they are idle', async () => {
    await start();
    // All are open before any of them may end: else one that is new could end before it is asked for the first time.
    await onAll('SELECT 1');
    const [{ name }] = await app.dataSource.query<{ name: string }[]>('SELECT current_database() AS name');
    await app.dataSource.query(`ALTER DATABASE ${name} SET idle_session_timeout = 30`);
    await onAll('SET idle_session_timeout = 30');
    const statuses: number[] = [];
    for (let round = 0; round < 60; round++) {
      statuses.push(...(await Promise.all(times(4, click))));
      // About as long, so that some end at the moment when they are used.
      await setTimeout(26 + (round % 9));
    }
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    await app.kit.settled();
  });

  it.each([
    [
      'have become read-only, as those to a server that is not the primary any more',
      'SET default_transaction_read_only = on',
    ],
    ['somebody has left in a failed transaction', 'BEGIN; SAVEPOINT here; SELECT 1 / 0'],
  ])('on a pool whose connections %s, and these are not kept', async (_, spoil) => {
    await start();
    expect(await Promise.all(times(POOL_SIZE, click))).toEqual(times(POOL_SIZE, () => 200));
    await app.kit.settled();
    const runners = times(POOL_SIZE, () => app.dataSource.createQueryRunner());
    await Promise.all(runners.map((runner) => runner.query(spoil).catch(() => undefined)));
    await Promise.all(runners.map((runner) => runner.release()));
    for (let n = 0; n < POOL_SIZE; n++) expect(await click()).toBe(200);
    await app.kit.settled();
  });

  it('not in a database that is read-only, which is not asked over one new connection after the other', async () => {
    await start();
    const { jwt } = await app.tokens.issue({ scope: 'rsvp', maxUses: null });
    const [{ name }] = await app.dataSource.query<{ name: string }[]>('SELECT current_database() AS name');
    await onAll('SET default_transaction_read_only = on');
    await app.dataSource.query(
      `BEGIN READ WRITE; ALTER DATABASE ${name} SET default_transaction_read_only = on; COMMIT`,
    );
    const opened = new Set<unknown>();
    const { master } = app.dataSource.driver as unknown as { master: EventEmitter };
    master.on('connect', (client) => opened.add(client));
    for (let n = 0; n < 20; n++) await app.http.get('/rsvp').query({ rt: jwt }).expect(503);
    // A link has at most one new connection, and its attempts may be on another.
    expect(opened.size).toBeGreaterThan(0);
    expect(opened.size).toBeLessThanOrEqual(20 + POOL_SIZE);
    await app.dataSource.query(
      `BEGIN READ WRITE; ALTER DATABASE ${name} RESET default_transaction_read_only; COMMIT`,
    );
    expect(await click()).toBe(200);
    await app.kit.settled();
  });

  it('after a migration has changed the tables, by prepared statements as before', async () => {
    const warnings = new Warnings();
    await start({}, warnings);
    await fill();
    await Promise.all(times(40, click));
    for (const change of ['ADD COLUMN more text', 'DROP COLUMN more', 'ALTER COLUMN scope TYPE text']) {
      await app.dataSource.query(`ALTER TABLE request_token ${change}`);
      expect(await Promise.all(times(20, click))).toEqual(times(20, () => 200));
      expect(await click()).toBe(200);
    }
    await app.kit.settled();
    expect(await namedClaims()).toBeGreaterThan(0);
    expect(warnings.texts).toEqual([]);
  });

  it('when connections lose their prepared statements, which are prepared anew', async () => {
    const warnings = new Warnings();
    await start({}, warnings);
    await fill();
    await Promise.all(times(40, click));
    await onAll('DISCARD ALL');
    expect(await Promise.all(times(20, click))).toEqual(times(20, () => 200));
    for (let n = 0; n < 20; n++) expect(await click()).toBe(200);
    await app.kit.settled();
    expect(await namedClaims()).toBeGreaterThan(0);
    expect(warnings.texts).toEqual([]);
  });

  it('when they lose them again and again, as behind a pooler; then nothing is prepared any more', async () => {
    const warnings = new Warnings();
    await start({}, warnings);
    await fill();
    // Which connection a click gets is up to the pool, and one that it has not asked yet has nothing to lose.
    for (let n = 0; n < 50 && warnings.texts.length === 0; n++) {
      expect(await click()).toBe(200);
      await onAll('DISCARD ALL');
    }
    expect(await Promise.all(times(20, click))).toEqual(times(20, () => 200));
    await onAll('DISCARD ALL');
    expect(await click()).toBe(200);
    await app.kit.settled();
    expect(await namedClaims()).toBe(0);
    expect(warnings.texts).toEqual([expect.stringContaining('no longer prepared')]);
  });

  /** With so many tokens that plans are kept. */
  const fill = () =>
    app.dataSource.query(
      `INSERT INTO request_token (id, login_mode, issued_at) SELECT gen_random_uuid(), 'none', now() FROM generate_series(1, 20000)`,
    );

  /** How many connections keep a plan that claims uses. */
  const namedClaims = async () => {
    const runners = times(POOL_SIZE, () => app.dataSource.createQueryRunner());
    const kept = await Promise.all(
      runners.map(
        (runner) =>
          runner.query(
            `SELECT FROM pg_prepared_statements WHERE name LIKE 'request_token_%' AND statement LIKE '%use_count%'`,
          ) as Promise<object[]>,
      ),
    );
    await Promise.all(runners.map((runner) => runner.release()));
    return kept.filter((statements) => statements.length > 0).length;
  };
});
