import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, Req } from '@nestjs/common';
import { type RequestTokenRequest, UseRequestToken } from 'nestjs-request-token';
import type { AdapterName } from '../support/adapters.js';
import { pathOf, TestApp } from '../support/test-app.js';
import { flood, floodAndLeave, type Question } from './flood.js';
import { heapInUse } from './heap.js';

const REQUESTS = 20_000;
const WARM_UP = 3_000;
const MEGABYTE = 2 ** 20;

@Controller()
class LinksController {
  @All('confirm')
  @UseRequestToken({ scope: 'x', confirm: true })
  confirm() {
    return 'done';
  }

  @Get('open')
  @UseRequestToken({ scope: 'x', direct: true })
  open() {
    return 'done';
  }

  @Get('slow')
  @UseRequestToken({ scope: 'x', direct: true })
  async slow() {
    await setTimeout(20);
    return 'done';
  }

  @Get('optional')
  @UseRequestToken({ scope: 'x', direct: true, required: false })
  optional(@Req() { user }: RequestTokenRequest) {
    return { user };
  }
}

/** Links of every kind; each can be opened any number of times. */
async function questions({ tokens }: TestApp): Promise<Record<string, [Question, status: number]>> {
  const path = async (target: string, options = {}) =>
    pathOf((await tokens.issue({ scope: 'x', target, user: 7, maxUses: null, ...options })).url);
  const expired = await path('/open', { expiresAt: new Date(0) });
  const confirm = await path('/confirm');
  const open = await path('/open');
  const html = { accept: 'text/html' };
  return {
    'a confirm page': [{ method: 'GET', path: confirm, headers: html }, 200],
    'HEAD of a confirm page': [{ method: 'HEAD', path: confirm }, 200],
    'HEAD of a route that runs on GET': [{ method: 'HEAD', path: open }, 200],
    'HEAD without a token, where none is needed': [{ method: 'HEAD', path: '/optional' }, 200],
    'a click': [{ method: 'POST', path: confirm }, 200],
    'a use': [{ method: 'GET', path: open }, 200],
    'a refusal for programs': [{ method: 'GET', path: expired }, 403],
    'a refusal for people': [{ method: 'GET', path: expired, headers: html }, 403],
    'a request without a token': [{ method: 'GET', path: '/open' }, 403],
    'a prefetch': [{ method: 'GET', path: open, headers: { 'sec-purpose': 'prefetch' } }, 503],
    'a method that a confirm page does not have': [{ method: 'PUT', path: confirm }, 405],
    'a session login': [{ method: 'GET', path: await path('/optional', { loginMode: 'session' }) }, 303],
  };
}

const KINDS = [
  'a confirm page',
  'HEAD of a confirm page',
  'HEAD of a route that runs on GET',
  'HEAD without a token, where none is needed',
  'a click',
  'a use',
  'a refusal for programs',
  'a refusal for people',
  'a request without a token',
  'a prefetch',
  'a method that a confirm page does not have',
  'a session login',
];

export const describeAnswers = (adapter: AdapterName) =>
  describe(`${adapter}: ${REQUESTS} answers leave nothing in the heap:`, () => {
    let app: TestApp;
    let asked: Record<string, [Question, status: number]>;
    beforeAll(async () => {
      app = await TestApp.start({
        adapter,
        controllers: [LinksController],
        token: { sessions: { logIn: () => Promise.resolve() } },
      });
      asked = await questions(app);
    });
    afterAll(() => app.close());

    /** Bytes by which the heap grows. */
    const growth = async (ask: (count: number) => Promise<unknown>) => {
      const settle = async () => {
        await app.kit.settled();
        return heapInUse();
      };
      await ask(WARM_UP);
      const before = await settle();
      await ask(REQUESTS);
      return (await settle()) - before;
    };

    it.each(KINDS)('%s', async (kind) => {
      const [question, status] = asked[kind];
      const grown = await growth(async (count) => {
        expect(await flood(app.port, count, question)).toEqual(new Map([[status, count]]));
      });
      expect(grown / MEGABYTE).toBeLessThan(5);
    });

    it('a client that leaves before its answer', async () => {
      const { url } = await app.tokens.issue({ scope: 'x', target: '/slow', maxUses: null });
      const grown = await growth((count) =>
        floodAndLeave(app.port, count, { method: 'GET', path: pathOf(url) }),
      );
      expect(grown / MEGABYTE).toBeLessThan(5);
    });
  });
