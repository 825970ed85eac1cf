import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import type { RequestTokenTesting } from 'nestjs-request-token/testing';
import request from 'supertest';
import { TestApp } from '../../support/test-app.js';
import { User } from '../../support/user.entity.js';
import { configure, EventsController, Invitations } from './recipes/prefix-and-version.js';

// What docs/testing.md says of the kit is shown from here.

let testApp: TestApp;
let app: INestApplication;
let kit: RequestTokenTesting;
let ann: User;

beforeAll(async () => {
  testApp = await TestApp.start({
    entities: [User],
    token: { users: { entity: User } },
    controllers: [EventsController],
    providers: [Invitations],
    configure,
  });
  ({ app, kit } = testApp);
  ann = await testApp.dataSource.manager.save(User, { name: 'Ann' });
});
afterAll(() => testApp.close());

it('moves the time', async () => {
  const link = await kit.link(EventsController, 'rsvp', {
    user: ann,
    params: { slug: 'spring' },
    expiresIn: '30d',
  });
  kit.clock.advance('31d'); // or a number of seconds
  expect((await kit.click(link)).status).toBe(403);
  kit.clock.reset(); // back to the true time, after each test
  expect((await kit.click(link)).status).toBe(200);
});

it('makes links', async () => {
  const link = await kit.link(EventsController, 'rsvp', { user: ann, params: { slug: 'spring' } });
  await request(app.getHttpServer()).get(link.path).expect(200); // supertest
});

it('takes links of mails', async () => {
  const mail = { html: `<a href="${await app.get(Invitations).link(ann, 'spring')}">Come!</a>` };
  const [, url] = /href="([^"]+)"/.exec(mail.html)!;
  expect(await kit.click(url)).toMatchObject({ status: 200 });
});

it('scans, clicks and reads the log', async () => {
  const link = await kit.link(EventsController, 'rsvp', { user: ann, params: { slug: 'spring' } });

  expect(await kit.scan(link)).toEqual({ head: 200, get: 200, browser: 200, prefetch: 503 });
  expect(await kit.log(link)).toEqual([]); // nothing has happened

  expect(await kit.click(link)).toMatchObject({ status: 200, text: 'See you at spring.' });

  expect(await kit.log(link)).toMatchObject([{ outcome: 'used', statusCode: 200 }]);
});
