import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  All,
  Controller,
  Get,
  type INestApplication,
  Post,
  Req,
  ServiceUnavailableException,
} from '@nestjs/common';
import { type RequestTokenRequest, UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { pathOf, TestApp, type TestAppOptions } from '../../support/test-app.js';

const FRONT_END = 'https://app.example.com';
const ALSO = 'https://also.example.com';

@Controller()
class PagesController {
  @All('unsubscribe')
  @UseRequestToken({ scope: 'x', confirm: true })
  unsubscribe() {
    return { done: true };
  }

  @Get('open')
  @UseRequestToken({ scope: 'x', direct: true })
  open() {
    return { done: true };
  }

  @All('any')
  @UseRequestToken({ scope: 'x', direct: true })
  any() {
    return { done: true };
  }

  @Post('fail')
  @UseRequestToken({ scope: 'x' })
  fail() {
    throw new ServiceUnavailableException();
  }

  @Post('act')
  @UseRequestToken({ scope: 'x' })
  act() {
    return { done: true };
  }

  @All('sign-in')
  @UseRequestToken({ scope: 'sign-in', required: false, confirm: true })
  signIn(@Req() { method }: RequestTokenRequest & { method: string }) {
    return { signedIn: method };
  }
}

const start = (options: TestAppOptions) =>
  TestApp.start({
    controllers: [PagesController],
    ...options,
    token: { frontends: [FRONT_END, ALSO], sessions: { logIn: async () => {} }, ...options.token },
  });

const withCors = (nest: INestApplication) =>
  nest.enableCors({ origin: [FRONT_END, ALSO], credentials: true, exposedHeaders: ['X-Ours'] });

describe.each(ADAPTER_NAMES)('%s: An answer to a front end on another origin', (adapter) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await start({ adapter, configure: withCors });
  });
  afterAll(() => app.close());

  const issue = (target: string, options: object = {}) =>
    app.tokens.issue({ user: 7, scope: 'x', target, ...options });
  const link = async (target: string) => pathOf((await issue(target)).url);
  const send = (
    method: 'get' | 'head' | 'post' | 'put',
    path: string,
    accept: string,
    headers: Record<string, string> = {},
  ) =>
    app.http[method](path).set({
      Accept: accept,
      Origin: FRONT_END,
      'Sec-Fetch-Site': 'cross-site',
      ...headers,
    });

  const JSON_TYPE = 'application/json';
  it.each<[string, number, () => Promise<{ status: number; headers: Record<string, string> }>]>([
    ['the page', 200, async () => send('get', await link('/unsubscribe'), 'text/html')],
    ['the JSON of a page', 200, async () => send('get', await link('/unsubscribe'), JSON_TYPE)],
    ['HEAD', 200, async () => send('head', await link('/unsubscribe'), JSON_TYPE)],
    ['HEAD of another route', 200, async () => send('head', await link('/open'), JSON_TYPE)],
    ['a POST', 200, async () => send('post', await link('/unsubscribe'), JSON_TYPE)],
    ['a POST to a route without a page', 201, async () => send('post', await link('/act'), JSON_TYPE)],
    ['a refusal', 403, async () => send('post', '/act', JSON_TYPE)],
    ['a refusal, as a page', 403, async () => send('get', '/unsubscribe?rt=junk', 'text/html')],
    ['another method', 405, async () => send('put', await link('/unsubscribe'), JSON_TYPE)],
    [
      'a prefetch',
      503,
      async () => send('get', await link('/unsubscribe'), JSON_TYPE, { 'Sec-Purpose': 'prefetch' }),
    ],
    ['a failure of the handler', 503, async () => send('post', await link('/fail'), JSON_TYPE)],
    [
      'the redirect that logs in',
      303,
      async () =>
        send(
          'post',
          pathOf((await issue('/sign-in', { scope: 'sign-in', loginMode: 'session' })).url),
          JSON_TYPE,
        ),
    ],
  ])('keeps the CORS fields of the app: %s', async (_, expected, call) => {
    const { status, headers } = await call();
    expect(status).toBe(expected);
    expect(headers).toMatchObject({
      'access-control-allow-origin': FRONT_END,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'X-Ours',
    });
    expect(headers.vary.split(', ')).toContain('Origin');
  });

  it('keeps them when the database cannot be reached', async () => {
    const path = await link('/act');
    const down = await start({ adapter, configure: withCors });
    await down.dataSource.destroy();
    const { headers } = await down.http.post(path).set('Origin', FRONT_END).expect(503);
    expect(headers['access-control-allow-origin']).toBe(FRONT_END);
    await down.close();
  });

  it.each(['/unsubscribe', '/act', '/any', '/sign-in'])(
    'to its preflight at %s needs no token, and is what the app says',
    async (path) => {
      const { headers } = await app.http
        .options(path)
        .set({ Origin: FRONT_END, 'Access-Control-Request-Method': 'POST' })
        .expect(204);
      expect(headers).toMatchObject({
        'access-control-allow-origin': FRONT_END,
        'access-control-allow-methods': expect.stringContaining('POST'),
      });
    },
  );

  it('to its preflight allows nothing that the app does not', async () => {
    const own = await start({ adapter });
    for (const path of ['/unsubscribe', '/any', '/act']) {
      const { headers } = await own.http
        .options(path)
        .set({ Origin: FRONT_END, 'Access-Control-Request-Method': 'POST' });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-allow'))).toEqual([]);
    }
    await own.close();
  });

  it('to its preflight is what the app says, when that lets it go on to the route', async () => {
    const own = await start({
      adapter,
      configure: (nest) => nest.enableCors({ origin: FRONT_END, preflightContinue: true, maxAge: 60 }),
    });
    const { headers } = await own.http
      .options('/unsubscribe')
      .set({ Origin: FRONT_END, 'Access-Control-Request-Method': 'POST' })
      .expect(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': FRONT_END,
      'access-control-max-age': '60',
    });
    await own.close();
  });
});

describe.each(ADAPTER_NAMES)('%s: A token that logs in', (adapter) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await start({ adapter });
  });
  afterAll(() => app.close());

  const post = async (headers: Record<string, string>) => {
    const { url, token } = await app.tokens.issue({
      user: 7,
      scope: 'sign-in',
      target: '/sign-in',
      loginMode: 'session',
    });
    const { status, headers: answered } = await app.http.post(pathOf(url)).set(headers);
    await app.kit.settled();
    return { status, location: answered.location, useCount: (await app.row(token.id)).useCount };
  };

  it.each<Record<string, string>>([
    { Origin: FRONT_END, 'Sec-Fetch-Site': 'cross-site' },
    { Origin: ALSO, 'Sec-Fetch-Site': 'same-site' },
    { Origin: FRONT_END },
  ])('does so when a front end of the app posts it: %j', async (headers) => {
    expect(await post(headers)).toEqual({
      status: 303,
      location: '/sign-in',
      useCount: 1,
    });
  });

  it.each<Record<string, string>>([
    { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
    { Origin: 'http://app.example.com', 'Sec-Fetch-Site': 'cross-site' },
    { Origin: 'https://app.example.com.evil.example', 'Sec-Fetch-Site': 'cross-site' },
    { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' },
    { Origin: `${FRONT_END}, https://evil.example`, 'Sec-Fetch-Site': 'cross-site' },
    { Referer: `${FRONT_END}/`, 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'cross-site' },
  ])('does not when anybody else does: %j', async (headers) => {
    expect(await post(headers)).toMatchObject({ status: 403, useCount: 0 });
  });
});
