import './testing-environment.js'; // DATABASE_URL and REQUEST_TOKEN_SECRET
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { type RequestTokenTesting, requestTokenTesting } from 'nestjs-request-token/testing';
import { DataSource } from 'typeorm';
import { AppModule, Mailings, NewsletterController } from './readme-example.js';
import { User } from '../../support/user.entity.js';

describe('The link to unsubscribe', () => {
  let app: INestApplication;
  let kit: RequestTokenTesting;
  let ann: User;

  beforeAll(async () => {
    const moduleRef = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = moduleRef.createNestApplication({ logger: false });
    await app.init();
    kit = requestTokenTesting(app);
    ann = await app.get(DataSource).manager.save(User, { name: 'Ann' }); // beside all that is there
  });
  afterAll(() => app.close());
  afterEach(() => kit.clock.reset());

  const unsubscribeLink = () =>
    kit.link(NewsletterController, 'unsubscribe', { user: ann, expiresIn: '30d' });

  it('is not used up by mail scanners', async () => {
    const link = await unsubscribeLink();
    expect(await kit.scan(link)).toEqual({ head: 200, get: 200, browser: 200, prefetch: 503 });
    expect(await kit.log(link)).toEqual([]);
  });

  it('works once, when its reader confirms', async () => {
    const link = await unsubscribeLink();
    expect(await kit.click(link)).toMatchObject({ status: 200, text: 'Good-bye, Ann.' });
    expect(await kit.click(link)).toMatchObject({ status: 403 });
    expect(await kit.log(link)).toMatchObject([
      { outcome: 'used', statusCode: 200 },
      { outcome: 'token_exhausted', statusCode: 403 },
    ]);
  });

  it('expires', async () => {
    const link = await unsubscribeLink();
    kit.clock.advance('31d');
    expect(await kit.click(link)).toMatchObject({ status: 403 });
  });

  it('can be clicked again and again in our mailings', async () => {
    const url = await app.get(Mailings).unsubscribeLink(ann);
    for (let click = 1; click <= 3; click++) expect((await kit.click(url)).status).toBe(200);
  });
});
