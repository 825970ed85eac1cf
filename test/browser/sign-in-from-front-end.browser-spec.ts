import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fastifyCookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import { All, Controller, type INestApplication, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import session from 'express-session';
import { type RequestTokenRequest, type RequestTokenSessions, UseRequestToken } from 'nestjs-request-token';
import type { Browser } from 'playwright-core';
import type { AdapterName } from '../support/adapters.js';
import { SlowFront } from '../support/slow-front.js';
import { SECRET, TestApp } from '../support/test-app.js';
import { launchBrowser, Visitor } from '../support/visitor.js';

interface SessionRequest extends RequestTokenRequest {
  session: { name?: string };
  method: string;
}

@Controller()
class AccountController {
  @All('sign-in')
  @UseRequestToken({ scope: 'sign-in', required: false, confirm: { title: 'Sign in?' } })
  signIn(@Req() request: SessionRequest) {
    return { title: `Signed in: ${request.session.name ?? 'nobody'}`, method: request.method };
  }
}

const sessions: RequestTokenSessions = {
  logIn: (request, user) => {
    (request as SessionRequest).session.name = (user as { id: string }).id;
    return Promise.resolve();
  },
};

const SESSIONS: [AdapterName, (app: INestApplication) => void][] = [
  ['express', (app) => app.use(session({ secret: SECRET, resave: false, saveUninitialized: false }))],
  [
    'fastify',
    (app) => {
      const fastify = app as NestFastifyApplication;
      void fastify.register(fastifyCookie);
      void fastify.register(fastifySession, { secret: SECRET, cookie: { secure: false } });
    },
  ],
];

const page = (
  api: string,
) => `<!doctype html><html lang="en"><title>Sign in</title><h1></h1><button>Yes</button>
<script type="module">
  const token = new URLSearchParams(location.hash.slice(1)).get('rt');
  const call = async (method) => {
    const init = { method, credentials: 'include', headers: { Accept: 'application/json' } };
    const response = await fetch(\`${api}/sign-in?rt=\${token}\`, init);
    const answer = await response.json();
    document.querySelector('h1').textContent = answer.title ?? answer.message;
  };
  document.querySelector('button').addEventListener('click', () => call('POST'));
  await call('GET');
</script>`;

describe.each(SESSIONS)('%s: A front end that logs its reader in', (adapter, withSessions) => {
  let browser: Browser;
  let proxy: SlowFront;
  let frontEnd: Server;
  let app: TestApp;
  const origin = () => `http://localhost:${(frontEnd.address() as AddressInfo).port}`;

  beforeAll(async () => {
    browser = await launchBrowser();
    proxy = await SlowFront.open(1);
    const api = proxy.url.replace('127.0.0.1', 'localhost');
    frontEnd = createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end(page(api));
    }).listen(0, 'localhost');
    await once(frontEnd, 'listening');
    app = await TestApp.start({
      adapter,
      controllers: [AccountController],
      token: { baseUrl: api, frontends: [origin()], sessions },
      configure: (nest) => {
        nest.enableCors({ origin: [origin()], credentials: true });
        withSessions(nest);
      },
    });
    proxy.leadTo(app.port);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await proxy?.close();
    frontEnd?.close();
  });

  const issue = () =>
    app.tokens.issue({
      user: 7,
      scope: 'sign-in',
      target: '/sign-in',
      loginMode: 'session',
      page: `${origin()}/`,
      place: 'fragment',
    });

  it('follows the redirect that logs in, to the answer of the handler', async () => {
    const { url, token } = await issue();
    const visitor = await Visitor.arrive(browser, true);
    await visitor.open(url, 'sign in from front end');
    await visitor.page.getByText('Sign in?').waitFor();
    await visitor.page.getByRole('button').click();
    await visitor.page.getByText('Signed in: 7').waitFor();
    expect(await app.settledLogs(token.id)).toMatchObject([{ outcome: 'used', statusCode: 303 }]);
    await visitor.leave();
  });
});
