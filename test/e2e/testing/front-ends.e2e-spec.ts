import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Body, Controller, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { type RequestTokenRequest, UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { TestApp } from '../../support/test-app.js';

const FRONT_END = 'https://app.example.com';
let asked: string[] = [];

@Controller()
class ListsController {
  @All('unsubscribe/:list')
  @UseRequestToken({ scope: 'unsubscribe', confirm: true })
  unsubscribe(
    @Req() { headers }: RequestTokenRequest & { headers: Record<string, string> },
    @Param('list') list: string,
    @Query('why') why?: string,
  ) {
    asked.push(`${headers.origin} ${headers['sec-fetch-site']}`);
    return { list, why };
  }

  @Post('answer')
  @HttpCode(200)
  @UseRequestToken({ scope: 'answer' })
  answer(@Body() body: unknown) {
    return { body: body ?? {} };
  }
}

describe.each(ADAPTER_NAMES)('%s: The test kit, given a link to a page of a front end,', (adapter) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      adapter,
      controllers: [ListsController],
      token: { baseUrl: 'https://example.com/api', frontends: [FRONT_END] },
    });
  });
  afterAll(() => app.close());
  afterEach(() => {
    app.kit.clock.reset();
    asked = [];
  });

  const link = (options: object = {}) =>
    app.kit.link(ListsController, 'unsubscribe', {
      user: 7,
      params: { list: 'weekly' },
      query: { why: 'much' },
      page: `${FRONT_END}/unsubscribe`,
      place: 'fragment',
      ...options,
    });
  const json = ({ status, text }: { status: number; text: string }) => ({
    status,
    ...(JSON.parse(text) as object),
  });

  it('clicks as the page would: it asks for the JSON, and posts', async () => {
    const issued = await link();
    expect(json(await app.kit.click(issued))).toEqual({ status: 200, list: 'weekly', why: 'much' });
    expect(asked).toEqual([`${FRONT_END} cross-site`]);
    expect(await app.kit.log(issued)).toMatchObject([{ outcome: 'used', method: 'POST' }]);
    expect(json(await app.kit.click(issued))).toMatchObject({ status: 403, code: 'token_exhausted' });
    expect(await app.kit.log(issued)).toMatchObject([
      { outcome: 'used' },
      { outcome: 'token_exhausted', method: 'GET' },
    ]);
  });

  it.each([
    [{ place: 'fragment' }],
    [{ place: 'query' }],
    [{ page: `${FRONT_END}/#/unsubscribe` }],
    [{ page: '/shown/by/somebody/else' }],
    [{ page: '/shown/by/somebody/else', place: 'query' }],
    [{ page: 'https://example.com/unsubscribe', place: 'query' }],
  ])('finds the route by the token in its URL, as a mail has it: %j', async (options) => {
    const { url } = await link(options);
    expect(json(await app.kit.click(url))).toEqual({ status: 200, list: 'weekly' });
    expect(asked).toHaveLength(1);
  });

  it('has the path and query that the page asks for', async () => {
    const { path, jwt } = await link();
    expect(path).toBe(`/unsubscribe/weekly?rt=${jwt}&why=much`);
  });

  it('scans the route, and takes no use', async () => {
    const issued = await link();
    expect(await app.kit.scan(issued)).toEqual({ head: 200, get: 200, browser: 200, prefetch: 503 });
    expect(await app.kit.log(issued)).toEqual([]);
  });

  it('sees an expired one refused, as JSON', async () => {
    const { url } = await link({ expiresIn: '1d' });
    app.kit.clock.advance('2d');
    expect(json(await app.kit.click(url))).toMatchObject({ status: 403, code: 'token_expired' });
  });

  it('posts to a route without a page, with a body and without, and clicks it', async () => {
    const answer = (options: object = {}) =>
      app.kit.link(ListsController, 'answer', { user: 7, maxUses: null, ...options });
    const ofPage = await answer({ page: `${FRONT_END}/answer`, place: 'fragment' });
    for (const issued of [ofPage, ofPage.url, await answer()]) {
      expect(json(await app.kit.post(issued, { seats: 2 }))).toEqual({ status: 200, body: { seats: 2 } });
      expect(json(await app.kit.post(issued))).toEqual({ status: 200, body: {} });
    }
    expect(json(await app.kit.click(ofPage))).toEqual({ status: 200, body: {} });
    expect(await app.kit.log(ofPage)).toHaveLength(5);
  });

  it('posts to a confirm route as well', async () => {
    const issued = await app.kit.link(ListsController, 'unsubscribe', {
      user: 7,
      params: { list: 'daily' },
    });
    expect(json(await app.kit.post(issued))).toMatchObject({ status: 200, list: 'daily' });
    expect(asked).toEqual(['https://example.com same-origin']);
  });

  it('says so if only the page knows its route, or the link is of nobody', async () => {
    const { url } = await app.tokens.issue({ user: 7, scope: 'answer', page: `${FRONT_END}/answer` });
    await expect(app.kit.click(url)).rejects.toThrow('only its page knows');
    await expect(app.kit.click(`${FRONT_END}/answer?rt=junk`)).rejects.toThrow(TypeError);
    const { jwt } = await link();
    await expect(app.kit.click(`https://evil.example/?rt=${jwt}`)).rejects.toThrow(TypeError);
  });

  it('asks what it is told to ask by path, whatever the token says', async () => {
    const { jwt } = await link();
    expect(json(await app.kit.post(`/unsubscribe/daily?rt=${jwt}`))).toMatchObject({
      status: 403,
      code: 'token_target_mismatch',
    });
    expect((await app.kit.post(`/nowhere?rt=${jwt}`)).status).toBe(404);
  });
});
