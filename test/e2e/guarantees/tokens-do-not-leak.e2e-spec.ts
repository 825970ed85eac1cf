import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, type INestApplication } from '@nestjs/common';
import { redactRequestTokens, UseRequestToken } from 'nestjs-request-token';
import { pino, stdSerializers } from 'pino';
import { TestApp } from '../../support/test-app.js';
import { ADAPTERS_AND_KINDS } from '../../support/token-kinds.js';

@Controller()
class PagesController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp', direct: true })
  rsvp() {}
}

/** The recipe of docs/links-in-mail.md: whatever is logged, in whichever field, goes through it. */
const options = { hooks: { streamWrite: redactRequestTokens } };

describe.each(ADAPTERS_AND_KINDS)('%s, %s tokens: With the recipe for pino', (adapter, _, defaults) => {
  let written = '';
  const logger = pino(
    options,
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString();
        done();
      },
    }),
  );
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      adapter,
      controllers: [PagesController],
      token: { defaults },
      configure: (nest: INestApplication) =>
        nest.use((req: Parameters<typeof stdSerializers.req>[0], _res: unknown, next: () => void) => {
          logger.info({ req: stdSerializers.req(req) }, `asked for ${req.url}`);
          next();
        }),
    });
  });
  afterAll(() => app.close());

  it('an access log says which page was asked for, and holds no token', async () => {
    const { url, jwt } = await app.tokens.issue({ scope: 'rsvp', target: '/rsvp?seat=2' });
    await app.get(url).set('Referer', url).expect(200);
    expect(written).toContain('/rsvp?rt=[token]&seat=2');
    for (const part of jwt.split('.')) expect(written).not.toContain(part);
  });
});
