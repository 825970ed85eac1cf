import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Post, Req } from '@nestjs/common';
import {
  CurrentRequestToken,
  type RequestToken,
  type RequestTokenRequest,
  UseRequestToken,
} from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { TestApp } from '../../support/test-app.js';
import { User } from '../../support/user.entity.js';

let runs = 0;

@Controller()
class PagesController {
  @Get('unsubscribe')
  @UseRequestToken({ scope: 'unsubscribe' })
  unsubscribe(@Req() request: RequestTokenRequest, @CurrentRequestToken() token: RequestToken) {
    runs++;
    return {
      user: request.user,
      claims: request.requestTokenClaims,
      token,
      same: token === request.requestToken,
    };
  }

  @Post('unsubscribe')
  @UseRequestToken({ scope: 'unsubscribe' })
  unsubscribeByForm(@Req() request: RequestTokenRequest, @Body() body: object) {
    return { user: request.user, body };
  }

  @Get('unlogged')
  @UseRequestToken({ scope: 'unsubscribe', log: false })
  unlogged() {
    return 'ok';
  }

  @Get('plain')
  plain(@Req() request: RequestTokenRequest) {
    return { keys: Object.keys(request).filter((key) => key.startsWith('requestToken')) };
  }
}

describe.each(ADAPTER_NAMES)('%s: One request with a token', (adapter) => {
  let app: TestApp;
  let ann: User;
  beforeAll(async () => {
    app = await TestApp.start({
      adapter,
      controllers: [PagesController],
      entities: [User],
      token: { users: { entity: User } },
      trustProxy: true,
    });
    ann = await app.dataSource.manager.save(User, { name: 'Ann' });
  });
  afterAll(() => app.close());

  const issue = (options: object = {}) =>
    app.tokens.issue({ user: ann, scope: 'unsubscribe', target: '/unsubscribe', ...options });

  it('sets request.user, request.requestTokenClaims and request.requestToken', async () => {
    const { url, token } = await issue({ data: { list: 7 } });
    const { body } = await app.get(url).expect(200);
    expect(body.user).toMatchObject({ id: ann.id, name: 'Ann' });
    expect(body.claims).toMatchObject({
      jti: token.id,
      sub: 'unsubscribe',
      aud: String(ann.id),
      max: 1,
      mod: 'r',
      tgt: '/unsubscribe',
    });
    expect(body.token).toMatchObject({
      id: token.id,
      useCount: 1,
      maxUses: 1,
      data: { list: 7 },
      userId: String(ann.id),
    });
    expect(body.same).toBe(true);
  });

  it('counts the use and logs who came, when, and how it was answered', async () => {
    const { url, token } = await issue();
    const before = Date.now();
    await app.get(url).set('User-Agent', 'Test/1.0').set('X-Forwarded-For', '::ffff:192.0.2.7').expect(200);
    const [log] = await app.settledLogs(token.id);
    expect(log).toMatchObject({
      tokenId: token.id,
      userId: String(ann.id),
      clientIp: '192.0.2.7',
      userAgent: 'Test/1.0',
      method: 'GET',
      path: '/unsubscribe',
      statusCode: 200,
      outcome: 'used',
    });
    expect(log.startedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(log.durationMs).toBeGreaterThanOrEqual(0);
    expect((await app.row(token.id)).useCount).toBe(1);
  });

  it('takes the token from a form', async () => {
    const { jwt } = await issue();
    const { body } = await app.http
      .post('/unsubscribe')
      .type('form')
      .send({ rt: jwt, reason: 'x' })
      .expect(201);
    expect(body.user.name).toBe('Ann');
  });

  it('takes the token from a JSON body', async () => {
    const { jwt } = await issue();
    await app.http.post('/unsubscribe').send({ rt: jwt }).expect(201);
  });

  it('takes a token that is in query and body alike as one', async () => {
    const { jwt } = await issue();
    await app.http.post('/unsubscribe').query({ rt: jwt }).type('form').send({ rt: jwt }).expect(201);
  });

  it.each([
    ['two values in the query', (jwt: string) => app.http.get(`/unsubscribe?rt=${jwt}&rt=${jwt}`)],
    ['an array in the body', (jwt: string) => app.http.post('/unsubscribe').send({ rt: [jwt] })],
    ['an object in the body', (jwt: string) => app.http.post('/unsubscribe').send({ rt: { jwt } })],
    ['a number in the body', () => app.http.post('/unsubscribe').send({ rt: 5 })],
    ['null in the body', () => app.http.post('/unsubscribe').send({ rt: null })],
    ['an empty value', () => app.http.get('/unsubscribe?rt=')],
    [
      'one value in the query and another in the body',
      (jwt: string) =>
        app.http
          .post('/unsubscribe')
          .query({ rt: jwt })
          .send({ rt: `${jwt}x` }),
    ],
  ])('refuses %s as token_malformed', async (_, send) => {
    const { jwt, token } = await issue();
    const { body } = await send(jwt).expect(403);
    expect(body.code).toBe('token_malformed');
    expect((await app.row(token.id)).useCount).toBe(0);
  });

  it('answers HEAD without taking a use or running the handler', async () => {
    const { url, token } = await issue();
    const before = runs;
    const response = await app.http.head(new URL(url).pathname + new URL(url).search).expect(200);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(runs).toBe(before);
    expect((await app.row(token.id)).useCount).toBe(0);
  });

  it('answers HEAD of a used-up token as GET would be answered', async () => {
    const { url } = await issue();
    await app.get(url).expect(200);
    await app.http.head(new URL(url).pathname + new URL(url).search).expect(403);
  });

  it.each([
    ['Sec-Purpose', 'prefetch;prerender'],
    ['Purpose', 'prefetch'],
  ])('answers a request marked %s: %s with 503, and takes no use', async (header, value) => {
    const { url, token } = await issue();
    const before = runs;
    const response = await app.get(url).set(header, value).expect(503);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(runs).toBe(before);
    expect((await app.row(token.id)).useCount).toBe(0);
    await app.get(url).expect(200);
  });

  it.each([
    ['an answer', async () => app.get((await issue()).url)],
    ['a refusal', () => app.http.get('/unsubscribe?rt=junk')],
  ])('protects the link in the headers of %s', async (_, send) => {
    const { headers } = await send();
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    });
  });

  it('counts a use that is not logged', async () => {
    const { token, jwt } = await app.tokens.issue({ user: ann, scope: 'unsubscribe', maxUses: 2 });
    await app.http.get('/unlogged').query({ rt: jwt }).expect(200);
    await app.http.get('/unlogged').query({ rt: jwt }).expect(200);
    await app.http.get('/unlogged').query({ rt: jwt }).expect(403);
    expect((await app.row(token.id)).useCount).toBe(2);
    expect(await app.logs(token.id)).toEqual([]);
  });

  it('does nothing on a route that is not decorated, token or not', async () => {
    const { jwt, token } = await issue();
    const response = await app.http.get('/plain').query({ rt: jwt }).expect(200);
    expect(response.body.keys).toEqual([]);
    expect(response.headers).not.toHaveProperty('x-robots-tag');
    expect((await app.row(token.id)).useCount).toBe(0);
  });

  it('logs null for an IP that is none', async () => {
    const { url, token } = await issue();
    await app.get(url).set('X-Forwarded-For', "junk'; DROP TABLE request_token; --").expect(200);
    expect((await app.settledLogs(token.id))[0].clientIp).toBeNull();
  });

  it('writes no JWT to the log, whatever the client sends along', async () => {
    const { url, token, jwt } = await issue();
    await app.get(url).set('User-Agent', `Browser ${jwt}`).expect(200);
    expect(JSON.stringify(await app.settledLogs(token.id))).not.toContain(jwt.split('.')[1]);
  });
});
