import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { QueryCounter } from '../../support/query-counter.js';
import { TestApp } from '../../support/test-app.js';
import { User } from '../../support/user.entity.js';

@Controller()
class RsvpController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {}

  @Get('plain')
  plain() {}
}

describe.each(ADAPTER_NAMES)('%s: Round trips to the database', (adapter) => {
  const counter = new QueryCounter();
  let app: TestApp;
  let ann: User;
  beforeAll(async () => {
    app = await TestApp.start({
      adapter,
      controllers: [RsvpController],
      entities: [User],
      token: { users: { entity: User } },
      dataSource: counter.dataSource,
    });
    ann = await app.dataSource.manager.save(User, { name: 'Ann' });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    counter.queries = [];
  });

  it('issue: one', async () => {
    await app.tokens.issue({ user: ann, scope: 'rsvp' });
    expect(counter.queries).toHaveLength(1);
  });

  it('verify: none', async () => {
    const { jwt } = await app.tokens.issue({ user: ann, scope: 'rsvp' });
    counter.queries = [];
    await app.tokens.verify(jwt);
    expect(counter.queries).toEqual([]);
  });

  it('a request: one for its user, one for its use and log row, and one behind the answer to settle', async () => {
    const { url, token } = await app.tokens.issue({ user: ann, scope: 'rsvp', target: '/rsvp' });
    counter.queries = [];
    await app.get(url).expect(200);
    const { length } = counter.queries;
    await app.settledLogs(token.id);
    const [user, take, settle] = counter.queries;
    expect(length).toBeLessThanOrEqual(3);
    expect(user).toMatch(/FROM "app_user"/);
    expect(take).toMatch(/UPDATE "request_token"[^]*INSERT INTO "request_token_log"/);
    expect(settle).toMatch(/INSERT INTO "request_token_log"[^]*DO UPDATE/);
  });

  it('a request without a token to look at, or to an undecorated route: none', async () => {
    await app.http.get('/plain').query({ rt: 'junk' }).expect(200);
    await app.http.get('/rsvp').expect(403);
    expect(counter.queries).toEqual([]);
  });
});
