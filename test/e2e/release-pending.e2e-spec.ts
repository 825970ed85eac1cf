import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { RequestTokenLog, UseRequestToken } from 'nestjs-request-token';
import { TestApp } from '../support/test-app.js';

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
