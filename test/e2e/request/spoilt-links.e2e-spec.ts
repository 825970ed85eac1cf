import qs from 'node:querystring';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';

import { ADAPTER_NAMES } from '../../support/adapters.js';
import { rawGet } from '../../support/raw-get.js';
import { TestApp } from '../../support/test-app.js';

let runs = 0;

@Controller()
class PagesController {
  @Get('optional')
  @UseRequestToken({ scope: 'page', required: false, direct: true })
  optional() {
    runs++;
  }
}

/** What mail programs, and people who copy links, make of `?a=1&rt=JWT`. */
const DAMAGES: [string, (jwt: string) => string][] = [
  ['& became &amp;', (jwt) => `?a=1&amp;rt=${jwt}`],
  ['& became &amp;, and was escaped', (jwt) => `?a=1&amp%3Brt=${jwt}`],
  ['& became &amp;, twice', (jwt) => `?a=1&amp;amp;rt=${jwt}`],
  ['= was escaped', (jwt) => `?rt%3D${jwt}`],
  ['= was left as quoted-printable', (jwt) => `?rt=3D${jwt}`],
  ['a line was broken behind =', (jwt) => `?rt=%0D%0A${jwt}`],
  ['a blank came in', (jwt) => `?rt=${jwt.slice(0, 50)}%20${jwt.slice(50)}`],
  ['a plus sign came in', (jwt) => `?rt=${jwt}+`],
  ['a bracket was taken for a part of it', (jwt) => `?rt=${jwt}%3E`],
  ['a full stop was taken for a part of it', (jwt) => `?rt=${jwt}.`],
  ['a parenthesis was taken for a part of it', (jwt) => `?rt=${jwt})`],
  ['its end was cut off', (jwt) => `?rt=${jwt.slice(0, -3)}`],
  ['all of it was cut off', () => '?rt='],
  ['= was cut off, too', () => '?rt'],
  ['it was made upper case', (jwt) => `?RT=${jwt.toUpperCase()}`],
  ['a blank came before it', (jwt) => `?a=1&%20rt=${jwt}`],
  ['a second question mark was put before it', (jwt) => `??rt=${jwt}`],
  ['a tracker was added with a second question mark', (jwt) => `?rt=${jwt}?utm_source=mail`],
  ['& was escaped', (jwt) => `?rt=${jwt}%26a=1`],
  ['it is a list', (jwt) => `?rt[]=${jwt}`],
  ['it is there twice', (jwt) => `?rt=${jwt}&rt=${jwt}`],
  ['it is there twice, once without a value', (jwt) => `?rt=${jwt}&rt`],
];

describe.each(ADAPTER_NAMES)(
  '%s: A link that was spoilt on its way is refused, not taken for none:',
  (adapter) => {
    let app: TestApp;
    beforeAll(async () => {
      app = await TestApp.start({ adapter, controllers: [PagesController] });
    });
    afterAll(() => app.close());
    beforeEach(() => {
      runs = 0;
    });

    it.each(DAMAGES)('%s', async (_, query) => {
      const { jwt } = await app.tokens.issue({ scope: 'page' });
      const { status, body } = await rawGet(app.port, `/optional${query(jwt)}`);
      expect({ status, ...(JSON.parse(body) as object) }).toMatchObject({
        status: 403,
        code: expect.stringMatching(/^token_(malformed|signature_invalid)$/),
      });
      expect(runs).toBe(0);
    });

    it('a request without a token has none, whatever else is in its query', async () => {
      const others = qs.stringify({ a: '1', part: 'x', 'amp;a': '2', rtx: '3', 'b=rt': '4' });
      for (const query of ['', '?', '?a', `?${others}`]) {
        expect((await rawGet(app.port, `/optional${query}`)).status).toBe(200);
      }
      expect(runs).toBe(4);
    });

    it('a link works whatever becomes of what stands behind the token', async () => {
      const { url } = await app.tokens.issue({ scope: 'page', target: '/optional?a=1&b=2' });
      const { pathname, search } = new URL(url.replaceAll('&', '&amp;'));
      expect((await rawGet(app.port, pathname + search)).status).toBe(200);
    });
  },
);

describe('express: A token under a name that only the nesting parser takes for its own', () => {
  it.each(['[rt]', '%5Brt%5D', '[rt', 'rt]', 'rt[]', 'rt[0]', 'rt[a]', 'x[rt]'])(
    'is never taken for the token, because nobody would take it out of the URL: %s',
    async (name) => {
      const app = await TestApp.start({
        controllers: [PagesController],
        adapterOptions: { 'query parser': 'extended' },
      });
      runs = 0;
      const { jwt, token } = await app.tokens.issue({ scope: 'page' });
      const { status } = await rawGet(app.port, `/optional?${name}=${jwt}`);
      const isOfAnotherName = name === 'x[rt]';
      expect(status).toBe(isOfAnotherName ? 200 : 403);
      expect((await app.row(token.id)).useCount).toBe(0);
      await app.close();
    },
  );
});
