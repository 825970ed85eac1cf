import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { RequestTokenLog, UseRequestToken } from 'nestjs-request-token';
import { TestApp } from '../../support/test-app.js';
import { waitFor } from '../../support/wait-for.js';

@Controller()
class RsvpController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {}
}

describe('releasePending', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ controllers: [RsvpController] });
  });
  afterAll(() => app.close());

  /** A token with a use that a process took before it died, so long ago. */
  async function abandoned({ minutesAgo, uses = 1 }: { minutesAgo: number; uses?: number }) {
    const { jwt, token } = await app.tokens.issue({ scope: 'rsvp', maxUses: 3 });
    for (let use = 0; use < uses; use++) await app.http.get('/rsvp').query({ rt: jwt }).expect(200);
    await app.settledLogs(token.id, uses);
    const startedAt = new Date(Date.now() - minutesAgo * 60_000);
    const pending = { outcome: 'pending' as const, statusCode: null, durationMs: null, startedAt };
    await app.dataSource.manager.update(RequestTokenLog, { tokenId: token.id }, pending);
    return { jwt, id: token.id };
  }

  it('gives back uses that are pending for longer than that, once, and inspect shows them before and after', async () => {
    const old = await abandoned({ minutesAgo: 90, uses: 3 });
    const recent = await abandoned({ minutesAgo: 30 });
    const before = await app.tokens.inspect(old.jwt);
    expect(before).toMatchObject({ usable: false, code: 'token_exhausted' });
    expect(before.logs.map(({ outcome }) => outcome)).toEqual(['pending', 'pending', 'pending']);

    expect(await app.tokens.releasePending({ olderThan: '1h' })).toBe(3);
    const after = await app.tokens.inspect(old.jwt);
    expect(after).toMatchObject({ usable: true, token: { useCount: 0 } });
    expect(after.logs.map(({ outcome }) => outcome)).toEqual(['released', 'released', 'released']);
    expect(await app.tokens.inspect(recent.jwt)).toMatchObject({ token: { useCount: 1 } });
    expect(await app.tokens.releasePending({ olderThan: '1h' })).toBe(0);
    expect(await app.tokens.releasePending({ olderThan: 60 })).toBe(1);
  });

  it('leaves what is used, released or refused as it is', async () => {
    const { jwt, token } = await app.tokens.issue({ scope: 'rsvp' });
    await app.http.get('/rsvp').query({ rt: jwt }).expect(200);
    await app.http.get('/rsvp').query({ rt: jwt }).expect(403);
    await app.settledLogs(token.id, 2);
    await app.tokens.releasePending({ olderThan: 0 });
    expect((await app.row(token.id)).useCount).toBe(1);
    expect((await app.logs(token.id)).map(({ outcome }) => outcome)).toEqual(['used', 'token_exhausted']);
  });

  it('holds up no other link while it waits for a token, or a log row, that somebody has locked', async () => {
    const all: Awaited<ReturnType<typeof abandoned>>[] = [];
    for (let n = 0; n < 6; n++) all.push(await abandoned({ minutesAgo: 90, uses: 2 }));
    const [ofLockedLog, lockedToken, ...free] = all;
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT FROM request_token WHERE id = $1 FOR UPDATE', [lockedToken.id]);
    await runner.query(
      `UPDATE request_token_log SET client_ip = NULL
       WHERE id = (SELECT id FROM request_token_log WHERE token_id = $1 LIMIT 1)`,
      [ofLockedLog.id],
    );
    const releasing = app.tokens.releasePending({ olderThan: '1h' });
    for (const { id } of free) {
      await waitFor(
        async () => (await app.row(id)).useCount === 0 || undefined,
        () => 'the uses of others to be given back',
      );
    }
    for (const { jwt } of [...free, ofLockedLog]) await app.http.get('/rsvp').query({ rt: jwt }).expect(200);
    await runner.commitTransaction();
    await runner.release();
    expect(await releasing).toBe(12);
    await app.kit.settled();
    for (const { id } of [...free, ofLockedLog]) expect((await app.row(id)).useCount).toBe(1);
    expect((await app.row(lockedToken.id)).useCount).toBe(0);
  });

  it('finds what is pending wherever it stands in a long log, which it reads a little at a time', async () => {
    const { id } = await abandoned({ minutesAgo: 90 });
    const { token } = await app.tokens.issue({ scope: 'rsvp' });
    const log = (ids: string) =>
      app.dataSource.query(
        `INSERT INTO request_token_log (id, token_id, outcome, started_at)
         SELECT ${ids}, $1, 'used', now() - interval '2 hours' FROM generate_series(1, 15000) AS n`,
        [token.id],
      );
    await log("('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid");
    await log("('ffffffff-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid");
    const { id: last } = await abandoned({ minutesAgo: 90 });
    await app.dataSource.query(
      "UPDATE request_token_log SET id = 'ffffffff-ffff-7000-8000-000000000000' WHERE token_id = $1",
      [last],
    );
    expect(await app.tokens.releasePending({ olderThan: '1h' })).toBe(2);
    for (const each of [id, last]) expect((await app.row(each)).useCount).toBe(0);
    await app.dataSource.query('DELETE FROM request_token_log WHERE token_id = $1', [token.id]);
  });

  it('gives each use back once when several do it at the same time', async () => {
    const all: Awaited<ReturnType<typeof abandoned>>[] = [];
    for (let n = 0; n < 10; n++) all.push(await abandoned({ minutesAgo: 90, uses: 3 }));
    const counts = await Promise.all(
      Array.from({ length: 5 }, () => app.tokens.releasePending({ olderThan: '1h' })),
    );
    expect(counts.reduce((sum, count) => sum + count)).toBe(30);
    for (const { id } of all) expect((await app.row(id)).useCount).toBe(0);
  });

  it.each([[undefined], [{}], [{ olderThan: 'soon' }], [{ olderThan: -1 }], [{ olderThan: '10' }]])(
    'refuses %p, and gives nothing back',
    async (options) => {
      const { id } = await abandoned({ minutesAgo: 90 });
      await expect(app.tokens.releasePending(options as never)).rejects.toThrow(TypeError);
      expect((await app.row(id)).useCount).toBe(1);
      await app.tokens.releasePending({ olderThan: '1h' });
    },
  );
});
