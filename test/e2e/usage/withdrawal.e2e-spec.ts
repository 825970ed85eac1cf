import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { IssuedToken } from 'nestjs-request-token';
import type { QueryRunner } from 'typeorm';
import type { Lock } from '../../../libs/request-token/src/database/lock-lanes.js';
import { entryOutsideHttp } from '../../../libs/request-token/src/usage/log-entry.js';
import { UsageStore } from '../../../libs/request-token/src/usage/usage.store.js';
import type { WantedUse } from '../../../libs/request-token/src/usage/uses.js';
import { newId } from '../../../libs/request-token/src/common/uuid.js';
import { TestApp } from '../../support/test-app.js';
import { waitFor } from '../../support/wait-for.js';

/**
 * A use of which nobody knows whether it was taken, whether it is just being taken, or whether it will be: the
 * connection was lost. It is given back in every case, and never twice.
 */
describe.each(['read committed', 'repeatable read'] as const)(
  'A use that is withdrawn, under %s,',
  (isolation) => {
    let app: TestApp;
    let other: QueryRunner;
    let issued: IssuedToken;
    beforeAll(async () => {
      const options = `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`;
      app = await TestApp.start({ dataSource: { extra: { options } } });
    });
    afterAll(() => app.close());
    beforeEach(async () => {
      issued = await app.tokens.issue({ scope: 'x', maxUses: 2 });
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
      };
    };
    const take = async (use: WantedUse, lock: Lock, runner?: QueryRunner) => {
      const [token] = await store().takeUses([use], lock, { manager: runner?.manager });
      return token;
    };
    const withdraw = (use: ReturnType<typeof wanted>, lock: Lock = 'wait') =>
      store().withdraw([use.log], lock);
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
      await store().withdraw([lost.log], 'wait');
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
      expect(await app.logs(issued.token.id)).toEqual([]);
    });
  },
);
