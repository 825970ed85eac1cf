import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, Req } from '@nestjs/common';
import { simpleParser } from 'mailparser';
import { type IssuedToken, type RequestTokenRequest, route, UseRequestToken } from 'nestjs-request-token';
import { createTransport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { pathOf, TestApp } from '../../support/test-app.js';

@Controller()
class PagesController {
  @All('unsubscribe/:list')
  @UseRequestToken({ scope: 'unsubscribe', confirm: true })
  unsubscribe() {}

  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp', direct: true })
  rsvp() {}
}

@Controller()
class WildcardController {
  @All('lists/*')
  @UseRequestToken({ scope: 'lists', confirm: true })
  lists(@Req() { requestToken }: RequestTokenRequest) {
    return requestToken?.targetPath;
  }
}

@Controller()
class PatternController {
  @All('numbered/:list(^\\d+$)')
  @UseRequestToken({ scope: 'numbered', confirm: true })
  numbered() {}
}

describe('listUnsubscribe', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ controllers: [PagesController] });
  });
  afterAll(() => app.close());

  const target = () => route(PagesController, 'unsubscribe', { params: { list: 'weekly' }, query: { a: 1 } });

  it('gives the two header fields of RFC 8058', async () => {
    const issued = await app.tokens.issue({ user: 1, target: target(), maxUses: null });
    expect(app.tokens.listUnsubscribe(issued)).toEqual({
      'List-Unsubscribe': `<${issued.url}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
  });

  it('arrives whole, sent by nodemailer and read by mailparser', async () => {
    const received: Promise<string>[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, _session, callback) => {
        received.push(stream.setEncoding('utf8').reduce((text: string, chunk: string) => text + chunk, ''));
        stream.once('end', () => callback());
      },
    });
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    const transport = createTransport({
      host: '127.0.0.1',
      port: (server.server.address() as AddressInfo).port,
      ignoreTLS: true,
    });

    const issued = await app.tokens.issue({ user: 1, target: target(), maxUses: null });
    await transport.sendMail({
      from: 'news@example.com',
      to: 'ann@example.com',
      subject: 'News',
      text: 'News',
      headers: { ...app.tokens.listUnsubscribe(issued) },
    });
    transport.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));

    const raw = await received[0];
    expect(Math.max(...raw.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(998);
    const fields = new Map((await simpleParser(raw)).headerLines.map(({ key, line }) => [key, line]));
    expect(fields.get('list-unsubscribe')?.replace(/\r\n\s+/g, ' ')).toBe(
      `List-Unsubscribe: <${issued.url}>`,
    );
    expect(fields.get('list-unsubscribe-post')).toBe('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a link to a route that is not confirmed',
      async () =>
        app.tokens.listUnsubscribe(
          await app.tokens.issue({ user: 1, target: route(PagesController, 'rsvp') }),
        ),
      /confirm: true/,
    ],
    [
      'a link without a target',
      async () => app.tokens.listUnsubscribe(await app.tokens.issue({ scope: 'unsubscribe' })),
      /confirm: true/,
    ],
    [
      'a link to a path that is no route',
      async () =>
        app.tokens.listUnsubscribe(await app.tokens.issue({ scope: 'unsubscribe', target: '/elsewhere' })),
      /confirm: true/,
    ],
    [
      "a link whose scope is not the route's",
      async () =>
        app.tokens.listUnsubscribe(await app.tokens.issue({ scope: 'other', target: '/unsubscribe/weekly' })),
      /confirm: true/,
    ],
    [
      'a link that fills more than a line',
      async () =>
        app.tokens.listUnsubscribe(
          await app.tokens.issue({
            scope: 'unsubscribe',
            target: `/unsubscribe/weekly?x=${'x'.repeat(900)}`,
          }),
        ),
      /too long/,
    ],
  ])('refuses %s', async (_, call, message) => {
    await expect(call()).rejects.toThrow(message);
  });

  it.each([
    ['refuses', 'http://example.com', /https/],
    ['accepts', 'http://localhost:3000', undefined],
    ['accepts', 'http://127.0.0.1:3000', undefined],
  ])('%s links of %s', async (_, baseUrl, message) => {
    const other = await TestApp.start({ controllers: [PagesController], token: { baseUrl } });
    const issued = await other.tokens.issue({ user: 1, target: target() });
    if (message) expect(() => other.tokens.listUnsubscribe(issued)).toThrow(message);
    else expect(other.tokens.listUnsubscribe(issued)['List-Unsubscribe']).toBe(`<${issued.url}>`);
    await other.close();
  });
});

describe.each(ADAPTER_NAMES)('%s: A route with a bare wildcard', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  const HEADERS = { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };

  it('has links, and one click, beside other routes', async () => {
    app = await TestApp.start({ adapter, controllers: [PagesController, WildcardController] });
    const headersOf = (issued: IssuedToken) => app.tokens.listUnsubscribe(issued);
    for (const target of [
      '/lists/weekly/paper',
      route(WildcardController, 'lists', { params: { path: ['weekly', 'paper'] } }),
    ]) {
      const issued = await app.tokens.issue({ scope: 'lists', user: 1, target });
      expect(headersOf(issued)).toMatchObject(HEADERS);
      const { status, text } = await app.http.post(pathOf(issued.url)).send('List-Unsubscribe=One-Click');
      expect([status, text]).toEqual([200, '/lists/weekly/paper']);
    }
    const weekly = await app.tokens.issue({ scope: 'unsubscribe', user: 1, target: '/unsubscribe/weekly' });
    expect(headersOf(weekly)).toMatchObject(HEADERS);
    const elsewhere = await app.tokens.issue({ scope: 'lists', user: 1, target: '/list/weekly' });
    expect(() => headersOf(elsewhere)).toThrow(/confirm: true/);
  });
});

describe('A route in a notation of Fastify alone', () => {
  it('takes one click from no other route', async () => {
    const app = await TestApp.start({
      adapter: 'fastify',
      controllers: [PatternController, PagesController],
    });
    const weekly = await app.tokens.issue({ scope: 'unsubscribe', user: 1, target: '/unsubscribe/weekly' });
    expect(app.tokens.listUnsubscribe(weekly)['List-Unsubscribe']).toContain(weekly.url);
    const numbered = await app.tokens.issue({ scope: 'numbered', user: 1, target: '/numbered/1' });
    expect(() => app.tokens.listUnsubscribe(numbered)).toThrow(/confirm: true/);
    await app.close();
  });
});
