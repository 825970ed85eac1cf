import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, type INestApplication, Param, Req } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import {
  type RequestTokenRequest,
  type RequestTokenSessions,
  route,
  UseRequestToken,
} from 'nestjs-request-token';
import request from 'supertest';
import { TestApp } from '../../support/test-app.js';

@Controller('events')
class EventsController {
  @All('sign-in')
  @UseRequestToken({ scope: 'sign-in', required: false, confirm: true })
  signIn(@Req() { user }: RequestTokenRequest) {
    return { user: user ?? null };
  }

  @Get(':slug')
  @UseRequestToken({ direct: true })
  event(@Param('slug') slug: string) {
    return slug;
  }
}

const sessions: RequestTokenSessions = { logIn: () => Promise.resolve() };

/** An app on Express, with an app on Nest below a path of it; it takes this path off, as a proxy can. */
class OuterApp {
  private constructor(
    readonly inner: TestApp,
    private readonly server: Server,
  ) {}

  static async start(path: string, baseUrl: string): Promise<OuterApp> {
    const inner = await TestApp.start({
      controllers: [EventsController],
      token: { baseUrl, sessions },
    });
    const outer = new ExpressAdapter().getInstance<ExpressApp>();
    outer.use(path, nestOf(inner.app));
    const server = createServer(outer).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return new OuterApp(inner, server);
  }

  /** As a browser would, at this address instead of the public one; `stripped` is what a proxy takes off. */
  send(method: 'get' | 'post', url: string, stripped = '') {
    const { port } = this.server.address() as AddressInfo;
    const path = new URL(url).pathname.slice(stripped.length) + new URL(url).search;
    return request(`http://127.0.0.1:${port}`)[method](path);
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
    await this.inner.close();
  }
}

type ExpressApp = RequestListener & { use(path: string, app: ExpressApp): void };

const nestOf = (app: INestApplication): ExpressApp => app.getHttpAdapter().getInstance() as ExpressApp;

describe('An app that another one has mounted', () => {
  let outer: OuterApp;
  afterEach(() => outer.close());

  it.each([
    ['with the path in its base URL', '/portal', 'https://example.com/portal', ''],
    ['behind a proxy that takes off the rest', '/portal', 'https://example.com/intra/portal', '/intra'],
    ['at several levels', '/portal/nest', 'https://example.com/portal/nest/', ''],
    ['at the root', '/', 'https://example.com', ''],
  ])('is reached by its links, %s', async (_, path, baseUrl, stripped) => {
    outer = await OuterApp.start(path, baseUrl);
    const target = route(EventsController, 'event', { params: { slug: 'spring' } });
    const { url, token, jwt } = await outer.inner.tokens.issue({ target });
    expect(url).toBe(`${baseUrl.replace(/\/$/, '')}/events/spring?rt=${jwt}`);
    await outer.send('get', url, stripped).expect(200, 'spring');
    expect((await outer.inner.settledLogs(token.id))[0]).toMatchObject({
      outcome: 'used',
      path: '/events/spring',
    });
  });

  it('logs in by a click, and sends the browser back to where it was', async () => {
    outer = await OuterApp.start('/portal', 'https://example.com/portal');
    const target = route(EventsController, 'signIn', { query: { next: '/a' } });
    const { url } = await outer.inner.tokens.issue({ user: 7, target, loginMode: 'session' });
    expect((await outer.send('get', url).expect(200)).text).toContain('<button>');
    await outer.send('post', url).expect(303).expect('Location', '/portal/events/sign-in?next=%2Fa');
  });

  it('is reached by links whose targets say where it is mounted, with a base URL that does not', async () => {
    outer = await OuterApp.start('/portal', 'https://example.com');
    const { url } = await outer.inner.tokens.issue({ target: '/portal/events/spring' });
    await outer.send('get', url).expect(200, 'spring');
  });

  it.each([
    '/portal/events/%73pring',
    '/PORTAL/events/spring',
    '/portal//events/spring',
    '/portal/portal/events/spring',
  ])('refuses a token on %s: only the outer app knows where that leads', async (path) => {
    outer = await OuterApp.start('/portal', 'https://example.com/portal');
    const { jwt } = await outer.inner.tokens.issue({ target: '/events/spring' });
    const { status } = await outer.send('get', `https://example.com${path}?rt=${jwt}`);
    expect([403, 404]).toContain(status);
  });

  it('refuses another spelling of a path where the outer app has routes of its own, even at the root', async () => {
    outer = await OuterApp.start('/', 'https://example.com');
    const { jwt } = await outer.inner.tokens.issue({ target: '/events/a:b' });
    await outer.send('get', `https://example.com/events/a%3Ab?rt=${jwt}`).expect(403);
  });
});

describe('An app behind a proxy that takes the path off', () => {
  it.each(['express', 'fastify'] as const)('is reached by its links, on %s', async (adapter) => {
    const app = await TestApp.start({
      adapter,
      controllers: [EventsController],
      token: { baseUrl: 'https://example.com/portal', sessions },
    });
    const { url } = await app.tokens.issue({ target: '/events/spring' });
    await app.get(url.replace('/portal', '')).expect(200, 'spring');
    const login = await app.tokens.issue({
      user: 7,
      scope: 'sign-in',
      target: '/events/sign-in',
      loginMode: 'session',
    });
    await app.http
      .post(`/events/sign-in?rt=${login.jwt}`)
      .expect(303)
      .expect('Location', '/portal/events/sign-in');
    await app.close();
  });

  it('is reached by its links when it takes the path off itself, with rewriteUrl of Fastify', async () => {
    const app = await TestApp.start({
      adapter: 'fastify',
      adapterOptions: { rewriteUrl: ({ url }: { url: string }) => url.replace(/^\/portal\//, '/') },
      controllers: [EventsController],
      token: { baseUrl: 'https://example.com/portal' },
    });
    const { url } = await app.tokens.issue({ target: '/events/spring' });
    await app.get(url).expect(200, 'spring');
    await app.close();
  });
});
