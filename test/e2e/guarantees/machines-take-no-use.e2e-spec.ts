import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, Req } from '@nestjs/common';
import {
  type IssuedToken,
  RequestToken,
  type RequestTokenRequest,
  UseRequestToken,
} from 'nestjs-request-token';
import { pathOf, TestApp } from '../../support/test-app.js';
import { ADAPTERS_AND_KINDS } from '../../support/token-kinds.js';

let runs = 0;
const run = () => {
  runs++;
  return 'done';
};

@Controller()
class LinksController {
  @All('confirm')
  @UseRequestToken({ scope: 'x', confirm: true })
  confirm() {
    return run();
  }

  @Get('direct')
  @UseRequestToken({ scope: 'x', direct: true })
  direct() {
    return run();
  }

  @All('all')
  @UseRequestToken({ scope: 'x', direct: true })
  all() {
    return run();
  }

  @All('sign-in')
  @UseRequestToken({ scope: 'x', confirm: true, required: false })
  signIn(@Req() { user }: RequestTokenRequest) {
    if (user) run();
    return 'who?';
  }
}

/** What is sent by nobody who has read the link: scanners of mail providers, previews of chats, browsers that look ahead. */
const MACHINES: [string, 'get' | 'head', Record<string, string>][] = [
  ['a mail scanner', 'get', { 'User-Agent': 'Mozilla/5.0 (compatible; SafeLinks)' }],
  ['a scanner that looks like a browser', 'get', { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate' }],
  ['a link preview', 'get', { 'User-Agent': 'Slackbot-LinkExpanding 1.0' }],
  ['HEAD', 'head', {}],
  ['a prefetch', 'get', { 'Sec-Purpose': 'prefetch' }],
  ['a prerendering browser', 'get', { 'Sec-Purpose': 'prefetch;prerender' }],
  ['a prefetch of older browsers', 'get', { Purpose: 'prefetch' }],
];

describe.each(ADAPTERS_AND_KINDS)('%s: A link of a %s token', (adapter, kind, defaults) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      adapter,
      controllers: [LinksController],
      token: { defaults, sessions: { logIn: () => Promise.resolve(run()).then(() => undefined) } },
    });
  });
  afterAll(() => app.close());
  afterEach(() => {
    runs = 0;
  });

  const expectUntouched = async ({ token }: IssuedToken) => {
    await app.kit.settled();
    expect({ runs, uses: await app.uses(token.id) }).toEqual({ runs: 0, uses: 0 });
    const written = await app.dataSource.manager.countBy(RequestToken, { id: token.id });
    expect(written).toBe(kind === 'stored' ? 1 : 0);
    expect(await app.logs(token.id)).toEqual([]);
  };

  it.each(MACHINES)('that waits for a click is not used by %s', async (_, method, headers) => {
    for (const options of [{ target: '/confirm' }, { target: '/sign-in', loginMode: 'session' as const }]) {
      const link = await app.tokens.issue({ scope: 'x', user: 7, ...options });
      for (let i = 0; i < 3; i++) await app.http[method](pathOf(link.url)).set(headers);
      await expectUntouched(link);
      await app.http.post(pathOf(link.url)).expect(options.loginMode ? 303 : 200);
      expect(runs).toBe(1);
      runs = 0;
    }
  });

  it.each(MACHINES.slice(3))('that a GET uses is not used by %s', async (_, method, headers) => {
    const link = await app.tokens.issue({ scope: 'x', user: 7, target: '/direct' });
    await app.http[method](pathOf(link.url)).set(headers);
    await expectUntouched(link);
    await app.get(link.url).expect(200, 'done');
  });

  it.each(['put', 'patch', 'delete', 'options'] as const)(
    'that waits for a click is not used by %s',
    async (method) => {
      const link = await app.tokens.issue({ scope: 'x', user: 7, target: '/confirm' });
      const { status } = await app.http[method](pathOf(link.url));
      expect(status).toBeGreaterThanOrEqual(400);
      await expectUntouched(link);
    },
  );

  it.each(['/confirm', '/sign-in', '/all'])(
    'at %s is not used by a preflight, which needs no token',
    async (target) => {
      const link = await app.tokens.issue({ scope: 'x', user: 7, target });
      for (const path of [target, pathOf(link.url)])
        await app.http.options(path).set('Access-Control-Request-Method', 'POST').expect(204);
      await expectUntouched(link);
    },
  );
});
