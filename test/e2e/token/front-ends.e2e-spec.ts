import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, Param, Post, Query, Req } from '@nestjs/common';
import { type IssueOptions, type RequestTokenRequest, route, UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { pathOf, TestApp } from '../../support/test-app.js';

const FRONT_END = 'https://app.example.com';

@Controller()
class ListsController {
  @All('unsubscribe/:list')
  @UseRequestToken({ scope: 'unsubscribe', confirm: true })
  unsubscribe(@Param('list') list: string, @Query('why') why: string, @Req() { user }: RequestTokenRequest) {
    return { user: (user as { id: string }).id, list, why };
  }

  @Post('answer')
  @UseRequestToken({ scope: 'answer' })
  answer(@Req() { user, body }: RequestTokenRequest & { body?: { rt?: string } }) {
    return { user: (user as { id: string }).id, ...body, rt: undefined };
  }
}

describe.each(ADAPTER_NAMES)('%s: A link to a page of a front end', (adapter) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      adapter,
      controllers: [ListsController],
      token: { baseUrl: 'https://example.com/api', frontends: [FRONT_END, 'http://localhost:5173'] },
    });
  });
  afterAll(() => app.close());

  const target = () =>
    route(ListsController, 'unsubscribe', { params: { list: 'weekly' }, query: { why: 1 } });
  const issue = (options: Partial<IssueOptions> = {}) =>
    app.tokens.issue({ user: 7, target: target(), page: `${FRONT_END}/unsubscribe?lang=de`, ...options });

  it('leads to the page, with its query, and is bound to the route', async () => {
    const { url, targetUrl, token, jwt } = await issue();
    expect(url).toBe(`${FRONT_END}/unsubscribe?rt=${jwt}&lang=de`);
    expect(targetUrl).toBe(`https://example.com/api/unsubscribe/weekly?rt=${jwt}&why=1`);
    expect(token).toMatchObject({ scope: 'unsubscribe', targetPath: '/unsubscribe/weekly' });
    const claims = await app.tokens.verify(jwt);
    expect(claims.tgt).toBe('/unsubscribe/weekly');
    await app.http.post('/unsubscribe/daily').query({ rt: jwt }).expect(403);
    const { body } = await app.http.post('/unsubscribe/weekly').query({ rt: jwt, why: 1 }).expect(200);
    expect(body).toEqual({ user: '7', list: 'weekly', why: '1' });
  });

  it('may have the token in its fragment, which no server gets', async () => {
    const { url, jwt } = await issue({ place: 'fragment' });
    expect(url).toBe(`${FRONT_END}/unsubscribe?lang=de#rt=${jwt}`);
    expect(new URLSearchParams(new URL(url).hash.slice(1)).get('rt')).toBe(jwt);
  });

  it("may have it in the fragment that is a route of the page's own", async () => {
    const { url, jwt } = await issue({ place: 'fragment', page: `${FRONT_END}/#/unsubscribe?tab=2` });
    expect(url).toBe(`${FRONT_END}/#/unsubscribe?rt=${jwt}&tab=2`);
  });

  it.each<Partial<IssueOptions>>([
    { place: 'query' },
    { place: 'fragment' },
    { place: 'fragment', page: `${FRONT_END}/#/unsubscribe` },
    { place: 'query', page: `${FRONT_END}/#/unsubscribe` },
    { page: '/shown/elsewhere' },
    { page: 'https://example.com/unsubscribe' },
  ])('is explained by inspect: %j', async (options) => {
    const { url, token } = await issue(options);
    expect(await app.tokens.inspect(url)).toMatchObject({ usable: true, token: { id: token.id } });
    await app.tokens.revoke(token.id);
    expect(await app.tokens.inspect(url)).toMatchObject({ usable: false, code: 'token_revoked' });
  });

  it('may be one of a token with a scope only, which has no route of its own', async () => {
    const issued = await app.tokens.issue({ user: 7, scope: 'answer', page: `${FRONT_END}/answer` });
    expect(issued.url).toBe(`${FRONT_END}/answer?rt=${issued.jwt}`);
    expect(issued).not.toHaveProperty('targetUrl');
    await app.http.post('/answer').send({ rt: issued.jwt, seats: 2 }).expect(201, { user: '7', seats: 2 });
  });

  it('is one of as many as are wanted', async () => {
    const pages = ['/a', '/b'].map((path) => ({
      user: 7,
      target: target(),
      page: FRONT_END + path,
      place: 'fragment' as const,
    }));
    const urls: string[] = [];
    for await (const { url, jwt } of app.tokens.issueMany(pages)) urls.push(url.replace(jwt, 'JWT'));
    expect(urls).toEqual([`${FRONT_END}/a#rt=JWT`, `${FRONT_END}/b#rt=JWT`]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ page: 'https://evil.example/unsubscribe' }, 'page must be'],
    [{ page: 'http://app.example.com/unsubscribe' }, 'page must be'],
    [{ page: '//evil.example' }, 'page must be'],
    [{ page: undefined }, 'issue: page is undefined; leave it out for a link that leads to the target'],
    [{ place: undefined }, "issue: place is undefined; leave it out for 'query'"],
    [{ place: 'hash' }, "issue: place must be 'query' or 'fragment'"],
    [{ place: null }, "issue: place must be 'query' or 'fragment'"],
  ])('is refused with TypeError: %j', async (options, message) => {
    const error = await issue(options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(message);
  });

  it('in a fragment is refused without a page, for the route would not see the token', async () => {
    await expect(app.tokens.issue({ user: 7, target: target(), place: 'fragment' })).rejects.toThrow(
      new TypeError(
        "issue: place 'fragment' needs a page, whose script reads it; a fragment never reaches the route itself",
      ),
    );
  });

  it('is the route itself without a page, as ever', async () => {
    const issued = await app.tokens.issue({ user: 7, target: target(), place: 'query' });
    expect(Object.keys(issued)).toEqual(['token', 'jwt', 'url']);
    expect(pathOf(issued.url)).toBe(`/api/unsubscribe/weekly?rt=${issued.jwt}&why=1`);
  });
});

describe("A front end's link with another parameter", () => {
  it('has the token in that, and may have one called rt', async () => {
    const app = await TestApp.start({
      controllers: [ListsController],
      token: { parameter: 'ticket', frontends: ['HTTPS://App.Example.com:443'] },
    });
    const { url, jwt } = await app.tokens.issue({
      user: 7,
      scope: 'answer',
      target: '/answer',
      page: `${FRONT_END}/?rt=1#ticket=old`,
      place: 'fragment',
    });
    expect(url).toBe(`${FRONT_END}/?rt=1#ticket=${jwt}`);
    expect(await app.tokens.inspect(url)).toMatchObject({ usable: true });
    await app.close();
  });
});

describe.each(ADAPTER_NAMES)('%s: listUnsubscribe', (adapter) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      adapter,
      controllers: [ListsController],
      token: { baseUrl: 'https://example.com/api', frontends: [FRONT_END] },
    });
  });
  afterAll(() => app.close());

  /** As a mail program does it, through the proxy that takes `/api` off. */
  const oneClick = (field: string) => {
    const [, url] = /^<(.+)>$/.exec(field) ?? [];
    return app.http.post(pathOf(url).replace('/api', '')).type('form').send('List-Unsubscribe=One-Click');
  };

  it.each<Partial<IssueOptions>>([
    { page: `${FRONT_END}/unsubscribe`, place: 'fragment' },
    { page: `${FRONT_END}/unsubscribe` },
    { page: '/unsubscribe' },
    {},
  ])("gives the route's URL, with what its query says: %j", async (options) => {
    const target = route(ListsController, 'unsubscribe', { params: { list: 'weekly' }, query: { why: 1 } });
    const issued = await app.tokens.issue({ user: 7, target, maxUses: null, ...options });
    const headers = app.tokens.listUnsubscribe(issued);
    expect(headers).toEqual({
      'List-Unsubscribe': `<https://example.com/api/unsubscribe/weekly?rt=${issued.jwt}&why=1>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
    expect(app.tokens.listUnsubscribe(JSON.parse(JSON.stringify(issued)))).toEqual(headers);
    const { body } = await oneClick(headers['List-Unsubscribe']).expect(200);
    expect(body).toEqual({ user: '7', list: 'weekly', why: '1' });
  });

  it('gives that of a route that acts on POST, and has no page of its own', async () => {
    const issued = await app.tokens.issue({ user: 7, target: route(ListsController, 'answer') });
    await oneClick(app.tokens.listUnsubscribe(issued)['List-Unsubscribe']).expect(201);
  });

  it('refuses a link of which only the page is left', async () => {
    for (const page of [`${FRONT_END}/answer`, '/shown', '/answer']) {
      const { token, jwt, url } = await app.tokens.issue({
        user: 7,
        scope: 'answer',
        target: '/answer',
        page,
        place: 'fragment',
      });
      expect(() => app.tokens.listUnsubscribe({ token, jwt, url })).toThrow(/leads to a page/);
    }
  });

  it('refuses the link of a token that has no route', async () => {
    const issued = await app.tokens.issue({ user: 7, scope: 'answer', page: `${FRONT_END}/answer` });
    expect(() => app.tokens.listUnsubscribe(issued)).toThrow(/a route that acts on POST/);
  });
});
