import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { All, Controller, Post, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { pathOf, TestApp } from '../../support/test-app.js';

let runs = 0;

@Controller()
class PagesController {
  @All('unsubscribe/:list')
  @UseRequestToken({ scope: 'unsubscribe', confirm: true })
  unsubscribe() {
    runs++;
    return 'Good-bye';
  }

  @Post('photo')
  @UseRequestToken({ scope: 'photo' })
  photo(@Req() { body }: { body: unknown }) {
    return { body };
  }

  @Post('plain')
  plain() {
    return 'plain';
  }
}

const MULTIPART =
  '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n';

/** A client that says of the body what it likes, or nothing. */
function post(app: TestApp, path: string, type: string | undefined, body: string) {
  return new Promise<{ status?: number; text: string }>((resolve, reject) => {
    const headers = { 'Content-Length': Buffer.byteLength(body), ...(type && { 'Content-Type': type }) };
    httpRequest({ host: '127.0.0.1', port: app.port, path, method: 'POST', headers }, (response) => {
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (chunk: string) => (text += chunk))
        .once('end', () => resolve({ status: response.statusCode, text }));
    })
      .once('error', reject)
      .end(body);
  });
}

const BODIES: [string, string | undefined, string][] = [
  ['multipart/form-data', 'multipart/form-data; boundary=x', MULTIPART],
  ['multipart/form-data in capitals', 'Multipart/Form-Data; boundary=x', MULTIPART],
  ['a form', 'application/x-www-form-urlencoded', 'List-Unsubscribe=One-Click'],
  ['a form in capitals', 'Application/X-WWW-Form-Urlencoded; charset=UTF-8', 'List-Unsubscribe=One-Click'],
  ['a body of no type', undefined, 'List-Unsubscribe=One-Click'],
  ['bytes', 'application/octet-stream', 'List-Unsubscribe=One-Click'],
  ['a type that nobody knows', 'x/y', '\0'.repeat(3_000_000)],
  ['text', 'text/plain', 'List-Unsubscribe=One-Click'],
  ['an empty body', undefined, ''],
  ['an empty body of multipart/form-data', 'multipart/form-data', ''],
];

describe.each(ADAPTER_NAMES)('%s: A one-click POST', (adapter) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ adapter, controllers: [PagesController] });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    runs = 0;
  });

  it.each(BODIES)('with %s is answered, since the token is in the query', async (_, type, body) => {
    const { url } = await app.tokens.issue({ scope: 'unsubscribe', target: '/unsubscribe/weekly' });
    expect(await post(app, pathOf(url), type, body)).toEqual({ status: 200, text: 'Good-bye' });
    expect(runs).toBe(1);
  });

  it.each(BODIES)('with %s is refused if its token is bad', async (_, type, body) => {
    expect((await post(app, '/unsubscribe/weekly?rt=junk', type, body)).status).toBe(403);
  });

  it('needs its token in the query, or in a body that can be read', async () => {
    const { jwt } = await app.tokens.issue({ scope: 'unsubscribe' });
    const answers = await Promise.all([
      post(app, '/unsubscribe/weekly', 'application/octet-stream', `rt=${jwt}`),
      post(app, '/unsubscribe/weekly', 'application/x-www-form-urlencoded', `rt=${jwt}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([adapter === 'fastify' ? 415 : 403, 200]);
  });
});

describe('fastify: Bodies of other routes', () => {
  it.each(['/plain', '/plain?rt=x', '/unsubscribe/weekly', '/nowhere?rt=x', '/unsubscribe?rt=x'])(
    'are answered on %s as without the module',
    async (path) => {
      const app = await TestApp.start({ adapter: 'fastify', controllers: [PagesController] });
      const answers = [];
      for (const [, type, body] of BODIES.filter(([name]) => name !== 'a form' && name !== 'text')) {
        answers.push((await post(app, path, type, body)).status);
      }
      await app.close();
      const unsupported = path.startsWith('/plain') || path === '/unsubscribe/weekly' ? 415 : 404;
      const supported = path.startsWith('/plain') ? 201 : path === '/unsubscribe/weekly' ? 403 : 404;
      expect(answers).toEqual([
        unsupported,
        unsupported,
        supported,
        unsupported,
        unsupported,
        unsupported,
        supported,
        unsupported,
      ]);
    },
  );

  it("go to the app's own parsers, be they for a type, a pattern or anything", async () => {
    for (const type of ['image/png', /^image\//, '*']) {
      const app = await TestApp.start({
        adapter: 'fastify',
        controllers: [PagesController],
        configure: (nest) => {
          const fastify = (nest as NestFastifyApplication).getHttpAdapter().getInstance();
          fastify.addContentTypeParser(type, { parseAs: 'string' }, (_, body, done) => done(null, body));
        },
      });
      const { jwt } = await app.tokens.issue({ scope: 'photo' });
      const { text } = await post(app, `/photo?rt=${jwt}`, 'image/png', 'pixels');
      expect(text).toBe('{"body":"pixels"}');
      await app.close();
    }
  });
});
