import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { type RequestTokenKey, UseRequestToken } from 'nestjs-request-token';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { SECRET, TestApp } from '../../support/test-app.js';

@Controller()
class LinksController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {}
}

const OLD: RequestTokenKey = { alg: 'HS256', kid: '2026', secret: SECRET };
const NEW: RequestTokenKey = { alg: 'HS256', kid: '2027', secret: `${SECRET}, and the next one` };

describe('Keys are rotated in three steps', () => {
  let database: TestDatabase;
  let app: TestApp | undefined;
  beforeAll(async () => (database = await createDatabase()));
  afterEach(() => app?.close());
  afterAll(() => database.drop());

  const startWith = async (...keys: RequestTokenKey[]) =>
    (app = await TestApp.start({
      databaseUrl: database.url,
      controllers: [LinksController],
      token: { keys },
    }));
  const open = (jwt: string) => app!.http.get('/rsvp').query({ rt: jwt });
  let ofOld: string[] = [];
  let ofNew: string[] = [];

  it.each([{}, { deferred: true, expiresIn: '30d' }])(
    'of which none ends a link that was sent before, until its key is gone: %j',
    async (options) => {
      const issue = async () => {
        const issued = [];
        for (let n = 0; n < 3; n++) issued.push((await app!.tokens.issue({ scope: 'rsvp', ...options })).jwt);
        return issued;
      };
      // 1. The old key alone.
      await startWith(OLD);
      ofOld = await issue();
      await app!.close();

      // 2. The new one first, which signs; both verify. Each server may have come to this at another time:
      await startWith(OLD, NEW);
      await open(ofOld[0]).expect(200);
      await app!.close();
      await startWith(NEW, OLD);
      ofNew = await issue();
      await open(ofOld[1]).expect(200);
      await open(ofNew[0]).expect(200);
      expect((await app!.tokens.inspect(ofOld[2])).usable).toBe(true);
      await app!.close();

      // 3. The old one goes, when its links have expired. One that has not says so, and takes no use.
      await startWith(NEW);
      await open(ofNew[1]).expect(200);
      expect((await open(ofOld[2]).expect(403)).body).toMatchObject({ code: 'token_signature_invalid' });
      expect(await app!.tokens.inspect(ofOld[2])).toMatchObject({
        usable: false,
        code: 'token_signature_invalid',
      });
      const { text } = await open(ofOld[2]).set('Accept', 'text/html').expect(403);
      expect(text).toContain('<h1>');
    },
  );
});
