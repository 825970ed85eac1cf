import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { IssuedToken } from 'nestjs-request-token';
import type { QueryRunner } from 'typeorm';
import type { Lock } from '../../../libs/request-token/src/database/lock-lanes.js';
import { entryOutsideHttp } from '../../../libs/request-token/src/usage/log-entry.js';
import { UsageStore } from '../../../libs/request-token/src/usage/usage.store.js';
import type { WantedDeferredUse } from '../../../libs/request-token/src/usage/uses.js';
import { newId } from '../../../libs/request-token/src/common/uuid.js';
import { TestApp } from '../../support/test-app.js';
import { waitFor } from '../../support/wait-for.js';

/**
 * A use of which nobody knows whether it was taken, whether it is just being taken, or whether it will be: the
 * connection was lost. It is given back in every case, and never twice.
 */
describe.each([
  ['stored', 'read committed'],
  ['stored', 'repeatable read'],
  ['deferred', 'read committed'],
  ['deferred', 'repeatable read'],
] as const)('A use of a %s token that is withdrawn, under %s,', (kind, isolation) => {
  const deferred = kind === 'deferred';
  let app: TestApp;
  let other: QueryRunner;
  let issued: IssuedToken;
  beforeAll(async () => {
    const options = `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`;
    app = await TestApp.start({ dataSource: { extra: { options } } });
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    issued = await app.tokens.issue({ scope: 'x', maxUses: 2, expiresIn: '1h', deferred });
    other = app.dataSource.createQueryRunner();
    await other.startTransaction();
  });
  afterEach(async () => {
    if (other.isTransactionActive) await other.rollbackTransaction();
    await other.release();
  });

  const store = () => app.app.get(UsageStore);
  const now = new Date();
  const wanted = (id = newId()) => {
    const tokenId = issued.token.id;
    const facts = { tokenId, outcome: 'pending' as const, userId: null, startedAt: now };
    return {
      tokenId,
      moment: { earliest: now, latest: now },
      log: { ...entryOutsideHttp(facts), id, method: 'GET', path: '/x' },
      deferred: issued.token,
    };
  };
  const take = async (use: WantedDeferredUse, lock: Lock, runner?: QueryRunner) => {
    const [token] = await store()[deferred ? 'takeDeferredUses' : 'takeUses']([use], lock, {
      manager: runner?.manager,
    });
    return token;
  };
  const withdraw = (use: ReturnType<typeof wanted>, lock: Lock = 'wait') =>
    deferred ? store().withdrawDeferred([use], lock) : store().withdraw([use.log], lock);
  const books = async () => {
    const logs = await app.logs(issued.token.id);
    return {
      uses: (await app.row(issued.token.id)).useCount,
      outcomes: logs.map(({ outcome }) => outcome).sort(),
    };
  };
  const somebodyWaits = () =>
    waitFor(
      async () => {
        const [{ count }] = await app.dataSource.query<{ count: number }[]>(
          `SELECT count(*)::int FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return count > 0 || undefined;
      },
      () => 'somebody to wait for a lock',
    );
  const fails = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: { code?: string }) => error.code,
    );

  it('after it was committed, is released', async () => {
    const lost = wanted();
    await take(lost, 'skip');
    expect(await withdraw(lost)).toEqual([true]);
    expect(await books()).toEqual({ uses: 0, outcomes: ['released'] });
  });

  it('while it is being executed, is released as soon as it is committed', async () => {
    const lost = wanted();
    await take(lost, 'skip', other);
    expect(await withdraw(lost, 'skip')).toEqual([false]);
    const withdrawn = withdraw(lost);
    await somebodyWaits();
    await other.commitTransaction();
    expect(await withdrawn).toEqual([true]);
    expect(await books()).toEqual({ uses: 0, outcomes: ['released'] });
  });

  it('while it is being executed and then fails, leaves nothing to give back', async () => {
    const lost = wanted();
    await take(lost, 'skip', other);
    const withdrawn = withdraw(lost);
    await somebodyWaits();
    await other.rollbackTransaction();
    expect(await withdrawn).toEqual([true]);
    expect(await books()).toEqual({ uses: 0, outcomes: ['released'] });
  });

  it('before it is executed, fails when it is', async () => {
    const lost = wanted();
    expect(await withdraw(lost, 'skip')).toEqual([true]);
    expect(await fails(take(lost, 'skip'))).toBe('23505');
    expect(await fails(take(lost, 'wait'))).toBe('23505');
    expect(await books()).toEqual({ uses: 0, outcomes: ['released'] });
  });

  it('while it comes, takes nothing', async () => {
    const lost = wanted();
    await withdraw(lost);
    // As it is while the withdrawal is not committed yet.
    await other.query('SELECT FROM request_token WHERE id = $1 FOR NO KEY UPDATE', [issued.token.id]);
    expect(await take(lost, 'skip')).toBeUndefined();
    const late = fails(take(lost, 'wait'));
    await somebodyWaits();
    await other.commitTransaction();
    expect(await late).toBe('23505');
    expect(await books()).toEqual({ uses: 0, outcomes: ['released'] });
  });

  it('again, is not given back again, and other uses stay', async () => {
    const [lost, kept] = [wanted(), wanted()];
    await take(kept, 'skip');
    await take(lost, 'skip');
    await withdraw(lost);
    await withdraw(lost);
    expect(await books()).toEqual({ uses: 1, outcomes: ['pending', 'released'] });
    await store().settle(
      [
        {
          tokenId: issued.token.id,
          logId: lost.log.id,
          outcome: 'released',
          statusCode: 500,
          durationMs: 1,
        },
      ],
      'wait',
    );
    expect(await books()).toEqual({ uses: 1, outcomes: ['pending', 'released'] });
  });

  it('while somebody has locked its log row, locks no token', async () => {
    const lost = wanted();
    await take(lost, 'skip');
    await other.query('SELECT FROM request_token_log WHERE id = $1 FOR UPDATE', [lost.log.id]);
    expect(await withdraw(lost, 'skip')).toEqual([false]);
    const withdrawn = withdraw(lost);
    await somebodyWaits();
    expect(await take(wanted(), 'skip')).toMatchObject({ useCount: 2 });
    await other.commitTransaction();
    expect(await withdrawn).toEqual([true]);
    expect(await books()).toEqual({ uses: 1, outcomes: ['pending', 'released'] });
  });

  it('of a token that was deleted meanwhile, needs nothing', async () => {
    const lost = wanted();
    await app.dataSource.query('DELETE FROM request_token WHERE id = $1', [issued.token.id]);
    await withdraw(lost);
    // A deferred one has its row written, so that it is remembered.
    expect(await app.logs(issued.token.id)).toMatchObject(deferred ? [{ outcome: 'released' }] : []);
  });

  it('of which the app learns that its connection was lost, is given back', async () => {
    await app.dataSource.query(`
        CREATE OR REPLACE FUNCTION end_connection() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
        CREATE TRIGGER lose BEFORE INSERT ON request_token_log
          FOR EACH ROW WHEN (NEW.outcome = 'used') EXECUTE FUNCTION end_connection()`);
    await expect(app.tokens.redeem(issued.jwt)).rejects.toThrow();
    await app.dataSource.query('DROP TRIGGER lose ON request_token_log');
    await app.kit.settled();
    expect(await books()).toEqual({ uses: 0, outcomes: ['released'] });
    expect(await app.tokens.redeem(issued.jwt)).toMatchObject({ useCount: 1 });
  });
});
