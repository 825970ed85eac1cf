import { get as httpGet, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, type MiddlewareConsumer, Module, Next, Req } from '@nestjs/common';
import { type RequestTokenRequest, RequestTokenUserLoader, UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { TestApp } from '../../support/test-app.js';

let runs = 0;

@Controller()
class PagesController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {
    runs++;
  }

  @Get('invoice/:id')
  @UseRequestToken()
  invoice() {
    runs++;
  }

  @Get('optional')
  @UseRequestToken({ scope: 'rsvp', required: false })
  optional(@Req() request: RequestTokenRequest) {
    return { user: request.user ?? null };
  }

  @Get('ignoring')
  @UseRequestToken({ scope: 'rsvp', required: false, onInvalid: 'ignore' })
  ignoring(@Req() { user, requestTokenClaims, requestToken, requestTokenError }: RequestTokenRequest) {
    return {
      user: user ?? null,
      claims: requestTokenClaims ?? null,
      token: requestToken ?? null,
      error: requestTokenError?.code ?? null,
    };
  }
}

/** Routes as only Express has them. */
@Controller()
class ExpressController {
  @Get('invoice/:id/*rest')
  @UseRequestToken()
  attachment() {
    runs++;
  }

  @Get('passed/on')
  @UseRequestToken({ scope: 'rsvp', direct: true })
  passOn(@Next() next: () => void) {
    next();
  }

  @Get('passed/:on')
  @UseRequestToken({ scope: 'other', direct: true })
  passedOn() {
    runs++;
  }
}

/** Stands for a session: a header says who is logged in. */
@Module({})
class SessionModule {
  configure(consumer: MiddlewareConsumer) {
    consumer
      .apply(
        (
          request: RequestTokenRequest & { headers: Record<string, string> },
          _: unknown,
          next: () => void,
        ) => {
          if (request.headers['x-user']) request.user = { id: Number(request.headers['x-user']) };
          next();
        },
      )
      .forRoutes('*path');
  }
}

@Injectable()
class NobodyButSeven extends RequestTokenUserLoader {
  load(userId: string) {
    return Promise.resolve(userId === '7' ? { id: 7 } : undefined);
  }
}

describe.each(ADAPTER_NAMES)('%s: Refusals', (adapter) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      adapter,
      controllers: [PagesController],
      imports: [SessionModule],
      token: { users: NobodyButSeven },
    });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    runs = 0;
    app.kit.clock.reset();
  });

  const issue = (options: object = {}) =>
    app.tokens.issue({ user: 7, scope: 'rsvp', target: '/rsvp', ...options });

  it('are answered with 403 and { statusCode, error, code, message }', async () => {
    const { body } = await app.http.get('/rsvp').expect(403);
    expect(body).toEqual({
      statusCode: 403,
      error: 'Forbidden',
      code: 'token_missing',
      message: expect.any(String),
    });
  });

  const inAnHour = () => new Date(Date.now() + 3_600_000);

  it.each<[string, () => Promise<{ url: string }>]>([
    ['token_missing', () => Promise.resolve({ url: 'https://example.com/rsvp' })],
    ['token_malformed', () => Promise.resolve({ url: 'https://example.com/rsvp?rt=abc' })],
    ['token_signature_invalid', async () => ({ url: (await issue()).url.slice(0, -6) + 'AAAAAA' })],
    [
      'token_expired',
      async () => {
        const issued = await issue({ expiresIn: '30d' });
        app.kit.clock.advance('30d');
        return issued;
      },
    ],
    ['token_not_yet_valid', () => issue({ notBefore: inAnHour() })],
    ['token_scope_mismatch', () => issue({ scope: 'other' })],
    [
      'token_target_mismatch',
      async () => ({ url: (await issue({ target: '/other' })).url.replace('/other', '/rsvp') }),
    ],
    [
      'token_exhausted',
      async () => {
        const issued = await issue();
        await app.get(issued.url).expect(200);
        runs = 0;
        return issued;
      },
    ],
    [
      'token_revoked',
      async () => {
        const issued = await issue();
        await app.tokens.revoke(issued.token.id);
        return issued;
      },
    ],
    [
      'token_unknown',
      async () => {
        const issued = await issue();
        await app.dataSource.query('DELETE FROM request_token WHERE id = $1', [issued.token.id]);
        return issued;
      },
    ],
    ['token_user_not_found', () => issue({ user: 8 })],
  ])('say %s, and the handler does not run', async (code, prepare) => {
    const { url } = await prepare();
    const { body } = await app.get(url).expect(403);
    expect(body.code).toBe(code);
    expect(runs).toBe(0);
  });

  it('say token_audience_mismatch when middleware knows another user', async () => {
    const { url, token } = await issue();
    const { body } = await app.get(url).set('x-user', '8').expect(403);
    expect(body.code).toBe('token_audience_mismatch');
    const [log] = await app.settledLogs(token.id);
    expect(log).toMatchObject({ outcome: 'token_audience_mismatch', userId: '8', statusCode: 403 });
    await app.get(url).set('x-user', '7').expect(200);
  });

  it('never ask about the user of a token that stands for nobody', async () => {
    const { url } = await issue({ loginMode: 'none', user: 8 });
    await app.get(url).set('x-user', '9').expect(200);
  });

  it('with a good signature are logged with their code, and count nothing', async () => {
    const { url, token } = await issue({ scope: 'other' });
    await app.get(url).set('User-Agent', 'Test/1.0').expect(403);
    const [log] = await app.settledLogs(token.id);
    expect(log).toMatchObject({
      outcome: 'token_scope_mismatch',
      statusCode: 403,
      method: 'GET',
      path: '/rsvp',
      userAgent: 'Test/1.0',
      userId: '7',
    });
    expect((await app.row(token.id)).useCount).toBe(0);
  });

  describe('on a route without a scope', () => {
    it('meet tokens without a target, whatever their scope', async () => {
      const { jwt } = await app.tokens.issue({ scope: 'rsvp' });
      const { body } = await app.http.get('/invoice/1').query({ rt: jwt }).expect(403);
      expect(body.code).toBe('token_scope_mismatch');
    });

    it('do not meet a token of that very path, other query parameters or not', async () => {
      const { url } = await app.tokens.issue({ target: '/invoice/1?utm_source=x' });
      await app.get(`${url}&fbclid=1&empty=`).expect(200);
    });

    it('meet a token of another path', async () => {
      const { jwt } = await app.tokens.issue({ target: '/invoice/1' });
      const { body } = await app.http.get('/invoice/2').query({ rt: jwt }).expect(403);
      expect(body.code).toBe('token_target_mismatch');
    });

    it('do not meet a path whose characters are escaped in another way', async () => {
      const { jwt } = await app.tokens.issue({ target: '/invoice/é:(1)' });
      await app.http.get('/invoice/%C3%A9%3A%281%29').query({ rt: jwt }).expect(200);
    });
  });

  describe('on an optional route', () => {
    it('do not meet a request without a token', async () => {
      await app.http.get('/optional').expect(200, { user: null });
    });

    it('meet a bad token', async () => {
      await app.http.get('/optional').query({ rt: 'junk' }).expect(403);
    });
  });

  describe("with onInvalid: 'ignore'", () => {
    const open = async (options: object = {}) => {
      const { jwt, token } = await app.tokens.issue({ user: 7, scope: 'rsvp', ...options });
      return { token, send: () => app.http.get('/ignoring').query({ rt: jwt }) };
    };

    it('a good token is used', async () => {
      const { send, token } = await open();
      const { body } = await send().expect(200);
      expect(body).toMatchObject({ user: { id: 7 }, token: { id: token.id }, error: null });
    });

    it.each<[string, object]>([
      ['token_scope_mismatch', { scope: 'other' }],
      ['token_expired', { expiresAt: new Date(1) }],
      ['token_user_not_found', { user: 8 }],
    ])('the handler runs anonymously and learns of %s', async (code, options) => {
      const { send, token } = await open(options);
      await send().expect(200, { user: null, claims: null, token: null, error: code });
      expect((await app.settledLogs(token.id))[0]).toMatchObject({ outcome: code, statusCode: 200 });
    });

    it('the handler runs anonymously when the token is junk', async () => {
      await app.http
        .get('/ignoring')
        .query({ rt: 'junk' })
        .expect(200, { user: null, claims: null, token: null, error: 'token_malformed' });
    });

    it('a used-up token is known before the guards see a user', async () => {
      const { send, token } = await open();
      await send().expect(200);
      await send().expect(200, { user: null, claims: null, token: null, error: 'token_exhausted' });
      expect((await app.row(token.id)).useCount).toBe(1);
    });
  });
});

describe.each(ADAPTER_NAMES)('%s: Refusals of requests that somebody has answered meanwhile', (adapter) => {
  let app: TestApp;
  let limited = (): void => undefined;
  class SlowUsers extends RequestTokenUserLoader {
    async load(userId: string) {
      limited();
      await new Promise((resolve) => setImmediate(resolve));
      return userId === '7' ? { id: 7 } : undefined;
    }
  }
  beforeAll(async () => {
    app = await TestApp.start({
      adapter,
      controllers: [PagesController],
      token: { users: SlowUsers },
      configure: (nest) =>
        nest.use((_: unknown, response: ServerResponse, next: () => void) => {
          // As middleware that limits the time of requests, at the worst moment.
          limited = () => response.writeHead(504).end('too late');
          next();
        }),
    });
  });
  afterAll(() => app.close());

  // A filter that throws would end the process, and fails the test.
  it.each([
    ['refused', 'text/html', 8],
    ['refused', 'application/json', 8],
    ['let through', 'text/html', 7],
    ['let through', 'application/json', 7],
  ])('leave that answer as it is: where it would be %s, as %s', async (_, accept, user) => {
    const { url, token } = await app.tokens.issue({ user, scope: 'rsvp', target: '/rsvp' });
    await app.get(url).set('Accept', accept).expect(504, 'too late');
    await app.kit.settled();
    expect((await app.row(token.id)).useCount).toBe(0);
  });
});

describe('Refusals, on Express', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ controllers: [PagesController, ExpressController] });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    runs = 0;
  });

  it('meet a request that another handler passed on, and whose token is not for this one', async () => {
    const { jwt } = await app.tokens.issue({ user: 7, scope: 'rsvp' });
    const { body } = await app.http.get('/passed/on').query({ rt: jwt }).expect(403);
    expect(body.code).toBe('token_scope_mismatch');
    expect(runs).toBe(0);
  });

  it.each(['/invoice/2/../1', '/invoice/2/%2e%2e/1', '/invoice/2\\..\\1', '/invoice/./1', '//invoice/1'])(
    'meet %s, which a browser would take for that path, and the router does not',
    async (path) => {
      const { jwt } = await app.tokens.issue({ target: '/invoice/1' });
      const status = await new Promise((resolve, reject) => {
        httpGet({ port: app.port, path: `${path}?rt=${jwt}` }, (response) => {
          response.resume().once('end', () => resolve(response.statusCode));
        }).once('error', reject);
      });
      expect(status).not.toBe(200);
      expect(runs).toBe(0);
    },
  );
});
