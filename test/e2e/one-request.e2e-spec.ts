import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Post, Req } from '@nestjs/common';
import {
  CurrentRequestToken,
  type RequestToken,
  type RequestTokenRequest,
  UseRequestToken,
} from 'nestjs-request-token';
import { TestApp } from '../support/test-app.js';
import { User } from '../support/user.entity.js';

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

describe('One request with a token', () => {
  let app: TestApp;
  let ann: User;
  beforeAll(async () => {
    app = await TestApp.start({
      controllers: [PagesController],
      entities: [User],
      token: { users: { entity: User } },
      configure: (nest) =>
        (nest.getHttpAdapter().getInstance() as { set: (...args: unknown[]) => void }).set(
          'trust proxy',
          true,
        ),
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
});
