import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Post } from '@nestjs/common';
import fc from 'fast-check';
import { UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { QueryCounter } from '../../support/query-counter.js';
import { TestApp } from '../../support/test-app.js';

@Controller()
class RsvpController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  get() {}

  @Post('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  post() {}
}

const RUNS = { numRuns: 300 };

/** Names in JSON that Fastify answers with 400, before anything else sees the request. */
const SPOILS_PROTOTYPES = /"(?:__proto__|constructor)":/;

describe.each(ADAPTER_NAMES)('%s: Whatever stands where a token is read from', (adapter) => {
  const counter = new QueryCounter();
  let app: TestApp;
  let jwt: string;
  beforeAll(async () => {
    app = await TestApp.start({ adapter, controllers: [RsvpController], dataSource: counter.dataSource });
    ({ jwt } = await app.tokens.issue({ scope: 'rsvp', user: 1 }));
  });
  afterAll(() => app.close());
  beforeEach(() => {
    counter.queries = [];
  });

  /** Any text, texts that look like a JWT, and a true JWT with something put into it. */
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.string({ unit: 'grapheme', maxLength: 400 }),
    fc.tuple(fc.base64String(), fc.base64String(), fc.base64String()).map((parts) => parts.join('.')),
    fc
      .tuple(fc.jsonValue(), fc.jsonValue(), fc.string())
      .map((parts) => parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')),
    fc.tuple(fc.nat(), fc.string({ unit: 'binary', minLength: 1 })).map(([at, text]) => {
      const position = at % (jwt.length + 1);
      return jwt.slice(0, position) + text + jwt.slice(position);
    }),
    fc.nat().map((at) => jwt.slice(0, at % jwt.length)),
  );

  const refused = async (answer: Promise<{ status: number; body: { code?: string } }>) => {
    const { status, body } = await answer;
    expect({ status, code: body.code }).toEqual({
      status: 403,
      code: expect.stringMatching(/^token_(missing|malformed|signature_invalid)$/),
    });
    expect(counter.queries).toEqual([]);
  };

  it('in the query, it is refused without asking the database', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, (text) => refused(app.http.get(`/rsvp?rt=${encodeURIComponent(text)}`))),
      RUNS,
    );
  });

  it('in the raw query, it is refused without asking the database', async () => {
    const queryCharacters = fc.string({
      unit: fc.constantFrom(
        ..."rt=&[]%+.abcEY0123456789-_~!$'()*,;:@/?".split(''),
        '&rt=',
        'rt=',
        '%00',
        '%ff',
      ),
    });
    await fc.assert(
      fc.asyncProperty(queryCharacters, (text) => refused(app.http.get(`/rsvp?${text}`))),
      RUNS,
    );
  });

  it('in a form, it is refused without asking the database', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, (text) =>
        refused(
          app.http
            .post('/rsvp')
            .type('form')
            .send(`rt=${encodeURIComponent(text)}`),
        ),
      ),
      RUNS,
    );
  });

  it('in a JSON body, it is refused without asking the database', async () => {
    const anyValue = fc.jsonValue().filter((value) => !SPOILS_PROTOTYPES.test(JSON.stringify(value)));
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyText, anyValue), (value) =>
        refused(app.http.post('/rsvp').send({ rt: value })),
      ),
      RUNS,
    );
  });

  it.each(['{"__proto__":null}', '{"constructor":{"prototype":1}}'])(
    'in a JSON body as %s, it is refused, by Fastify itself or by the guard',
    async (value) => {
      const body = `{"rt":${value}}`;
      expect(body).toMatch(SPOILS_PROTOTYPES);
      const { status } = await app.http.post('/rsvp').type('json').send(body);
      expect(status).toBe(adapter === 'fastify' ? 400 : 403);
      expect(counter.queries).toEqual([]);
    },
  );

  it('verify and redeem throw refusals, and inspect says no', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyText, fc.anything()), async (value) => {
        const text = value as string;
        const refusal = { code: expect.stringMatching(/^token_(malformed|signature_invalid)$/) };
        await expect(app.tokens.verify(text)).rejects.toMatchObject(refusal);
        await expect(app.tokens.redeem(text)).rejects.toMatchObject(refusal);
        expect(await app.tokens.inspect(text)).toMatchObject({ usable: false, token: null });
      }),
      RUNS,
    );
    expect(counter.queries).toEqual([]);
  });
});
