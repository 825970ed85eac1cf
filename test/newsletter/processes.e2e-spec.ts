import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inboxOf, type Letter, tokenOf } from '../support/letters.js';
import type { Newsletter } from '../support/newsletter.js';
import { Sandbox, type SandboxDatabase } from '../support/sandbox.js';
import { waitFor } from '../support/wait-for.js';

const CLICKS = 64;

describe('Of two processes on one database', () => {
  const sandbox = new Sandbox();
  let database: SandboxDatabase;
  let apps: Newsletter[];
  let unread: Letter[];

  beforeAll(async () => {
    database = await sandbox.database();
    const env = { DATABASE_URL: database.url, SUBSCRIBERS: await sandbox.subscribers(8) };
    apps = await Promise.all([sandbox.start(env), sandbox.start(env)]);
    await apps[0].sendMailing();
    unread = await inboxOf(database);
  });
  afterAll(() => sandbox.close());

  const tokenRow = async (link: string) => {
    const [row] = await database.query<{ use_count: number }>(
      'SELECT use_count FROM request_token WHERE id = $1',
      [tokenOf(link).id],
    );
    return row;
  };
  /** Each attempt, also of those that are logged together. */
  const logsOf = (link: string) =>
    database.query<{ outcome: string; status_code: number | null }>(
      `SELECT outcome, status_code FROM request_token_log, generate_series(1, repeats)
       WHERE token_id = $1 ORDER BY outcome`,
      [tokenOf(link).id],
    );
  const settledLogs = (link: string, count: number) =>
    waitFor(
      async () => {
        const logs = await logsOf(link);
        return logs.length >= count && logs.every(({ outcome }) => outcome !== 'pending') ? logs : undefined;
      },
      () => `${count} settled log rows`,
    );
  const coming = () => database.query('SELECT subscriber_id FROM rsvp ORDER BY 1');

  it.each([1, 2, 3, 4, 5])(
    `together, one accepts one of ${CLICKS} simultaneous clicks on a link that can be used once (round %i)`,
    async () => {
      const { rsvp } = unread.shift()!.links;
      const before = (await coming()).length;
      const answers = await Promise.all(
        Array.from({ length: CLICKS }, (_, i) =>
          apps[i % apps.length].submit(rsvp, { rt: tokenOf(rsvp).jwt }),
        ),
      );
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).toEqual([200, ...Array<number>(CLICKS - 1).fill(403)]);
      expect(await coming()).toHaveLength(before + 1);
      expect(await tokenRow(rsvp)).toEqual({ use_count: 1 });
      const outcomes = (await settledLogs(rsvp, CLICKS)).map(({ outcome }) => outcome);
      expect(outcomes).toEqual([...Array<string>(CLICKS - 1).fill('token_exhausted'), 'used']);
    },
  );

  describe('one', () => {
    /** Sends a click whose handler then waits until `release` is called, or its process ends. */
    const clickAndHold = async (app: Newsletter, link: string) => {
      const holder = await database.connect();
      await holder.query('BEGIN; LOCK TABLE rsvp IN ACCESS EXCLUSIVE MODE');
      const answer = app.submit(link, { rt: tokenOf(link).jwt });
      answer.catch(() => undefined);
      await waitFor(
        async () => ((await logsOf(link)).length > 0 ? true : undefined),
        () => 'the handler to run',
      );
      expect(await logsOf(link)).toEqual([{ outcome: 'pending', status_code: null }]);
      return { answer, release: () => holder.query('ROLLBACK') };
    };
    const startAnother = async () =>
      sandbox.start({ DATABASE_URL: database.url, SUBSCRIBERS: await sandbox.subscribers(1) });

    it('that is killed while its handler runs leaves the use taken and the log row pending', async () => {
      const { rsvp } = unread.shift()!.links;
      const app = await startAnother();
      const { answer, release } = await clickAndHold(app, rsvp);
      await app.kill();
      await expect(answer).rejects.toThrow();
      await release();
      expect(await logsOf(rsvp)).toEqual([{ outcome: 'pending', status_code: null }]);
      expect(await tokenRow(rsvp)).toEqual({ use_count: 1 });
      // The other one refuses the link, as nobody knows whether the handler has done its work.
      expect((await apps[0].submit(rsvp, { rt: tokenOf(rsvp).jwt })).status).toBe(403);
    });

    it('that is told to stop while its handler runs answers first, and writes the log row', async () => {
      const { rsvp } = unread.shift()!.links;
      const app = await startAnother();
      const { answer, release } = await clickAndHold(app, rsvp);
      const end = app.stop('SIGTERM');
      await app.closed();
      await release();
      expect((await answer).status).toBe(200);
      expect(await end).toMatchObject({ code: 0, signal: null });
      expect(await logsOf(rsvp)).toEqual([{ outcome: 'used', status_code: 200 }]);
      expect(await tokenRow(rsvp)).toEqual({ use_count: 1 });
    });
  });
});
