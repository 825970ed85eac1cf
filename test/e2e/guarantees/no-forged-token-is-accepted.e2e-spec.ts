import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Post } from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { QueryCounter } from '../../support/query-counter.js';
import { SECRET, TestApp } from '../../support/test-app.js';

@Controller()
class RsvpController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  get() {}

  @Post('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  post() {}
}

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A JWT made by hand, whatever its parts say. */
const forge = (header: unknown, payload: unknown, secret: string | KeyObject = SECRET, hash = 'sha256') => {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
};

describe.each(ADAPTER_NAMES)(
  '%s: A forged token is refused with 403, and never reaches the database:',
  (adapter) => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const publicPem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
    const counter = new QueryCounter();
    let app: TestApp;
    let rsaApp: TestApp;
    let jwt: string;
    let header: Record<string, unknown>;
    let claims: Record<string, unknown>;
    /** Of a deferred token, which has no row to be held against. */
    let deferred: { jwt: string; claims: Record<string, unknown> };

    const now = () => Math.floor(Date.now() / 1000);

    beforeAll(async () => {
      app = await TestApp.start({ adapter, controllers: [RsvpController], dataSource: counter.dataSource });
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      rsaApp = await TestApp.start({
        adapter,
        controllers: [RsvpController],
        dataSource: counter.dataSource,
        token: {
          keys: [
            { alg: 'RS256', privateKey },
            { alg: 'RS256', kid: 'rsa', publicKey: publicPem },
          ],
        },
      });
      ({ jwt } = await app.tokens.issue({ scope: 'rsvp', user: 1 }));
      header = { ...decodeProtectedHeader(jwt) };
      claims = decodeJwt(jwt);
      const options = {
        scope: 'rsvp',
        user: 1,
        deferred: true,
        expiresIn: '1h',
        data: { seats: 1 },
      } as const;
      const issued = await app.tokens.issue(options);
      deferred = { jwt: issued.jwt, claims: decodeJwt(issued.jwt) };
    });
    afterAll(() => Promise.all([app.close(), rsaApp.close()]));
    beforeEach(async () => {
      await app.tokens.settled();
      counter.queries = [];
    });

    it('while one made by hand with the right secret, header and claims is accepted', async () => {
      await app.http
        .get('/rsvp')
        .query({ rt: forge(header, claims) })
        .expect(200);
    });

    it('while a deferred one made so is accepted', async () => {
      await app.http
        .get('/rsvp')
        .query({ rt: forge(header, deferred.claims) })
        .expect(200);
    });

    const tampered = (changed: Record<string, unknown>, of = deferred) =>
      of.jwt.replace(/\.[^.]+\./, `.${encode({ ...of.claims, ...changed })}.`);

    it.each<[string, string, () => string]>([
      ...[
        { dat: { seats: 9 } },
        { dat: undefined },
        { dfr: undefined },
        { exp: now() + 999_999 },
        { nbf: now() - 9 },
        { max: undefined },
        { max: 2 },
        { aud: '2' },
        { sub: 'other' },
        { iat: now() + 60 },
        { jti: '01930000-0000-7000-8000-000000000000' },
      ].map((changed): [string, string, () => string] => [
        `a deferred token that says ${JSON.stringify(changed, (_, value: unknown) => value ?? 'nothing')} instead`,
        'token_signature_invalid',
        () => tampered(changed),
      ]),
      [
        'a stored token that says it is deferred',
        'token_signature_invalid',
        () => tampered({ dfr: 1, exp: now() + 60 }, { jwt, claims }),
      ],
      [
        'a signature of another deferred token',
        'token_signature_invalid',
        () => jwt.replace(/[^.]+$/, deferred.jwt.slice(deferred.jwt.lastIndexOf('.') + 1)),
      ],
      [
        'data in a token that is not deferred',
        'token_malformed',
        () => forge(header, { ...claims, dat: {} }),
      ],
      [
        'a deferred token that never ends',
        'token_malformed',
        () => forge(header, { ...deferred.claims, exp: undefined }),
      ],
      [
        'a deferred token with data that is no object',
        'token_malformed',
        () => forge(header, { ...deferred.claims, dat: 'x' }),
      ],
      [
        'a deferred token whose id is of another kind',
        'token_malformed',
        () => forge(header, { ...deferred.claims, jti: '4f6bb1b0-7d0e-4f5e-9a35-0f1c8b1c5a10' }),
      ],
      [
        'alg none, without a signature',
        'token_signature_invalid',
        () => `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`,
      ],
      [
        'alg none, with a signature',
        'token_signature_invalid',
        () => forge({ ...header, alg: 'none' }, claims),
      ],
      [
        'another algorithm',
        'token_signature_invalid',
        () => forge({ ...header, alg: 'HS512' }, claims, SECRET, 'sha512'),
      ],
      ['another typ', 'token_signature_invalid', () => forge({ ...header, typ: 'JWT' }, claims)],
      ['no typ', 'token_signature_invalid', () => forge({ ...header, typ: undefined }, claims)],
      ['an unknown kid', 'token_signature_invalid', () => forge({ ...header, kid: 'other' }, claims)],
      ['no kid', 'token_signature_invalid', () => forge({ ...header, kid: undefined }, claims)],
      ['a kid of another type', 'token_signature_invalid', () => forge({ ...header, kid: ['x'] }, claims)],
      ['an unknown crit', 'token_signature_invalid', () => forge({ ...header, crit: ['x'], x: 1 }, claims)],
      ['another secret', 'token_signature_invalid', () => forge(header, claims, 'x'.repeat(32))],
      [
        'a tampered payload',
        'token_signature_invalid',
        () => jwt.replace(/\.[^.]+\./, `.${encode({ ...claims, max: 99 })}.`),
      ],
      ['a signature that was cut', 'token_signature_invalid', () => jwt.slice(0, -9)],
      [
        'a signature that is missing',
        'token_signature_invalid',
        () => jwt.slice(0, jwt.lastIndexOf('.') + 1),
      ],
      ['the link cut in its payload', 'token_malformed', () => jwt.slice(0, 90)],
      ['a payload that is no object', 'token_malformed', () => forge(header, 'text')],
      ['a payload that is a list', 'token_malformed', () => forge(header, [claims])],
      ['a header that is no JSON', 'token_malformed', () => forge('text', claims)],
      ['a jti that is no UUID', 'token_malformed', () => forge(header, { ...claims, jti: "1' OR '1'='1" })],
      ['no jti', 'token_malformed', () => forge(header, { ...claims, jti: undefined })],
      ['a list of audiences', 'token_malformed', () => forge(header, { ...claims, aud: ['1'] })],
      [
        'no audience in a token that stands for a user',
        'token_malformed',
        () => forge(header, { ...claims, aud: undefined }),
      ],
      ['a mode that is none', 'token_malformed', () => forge(header, { ...claims, mod: 'x' })],
      ['neither scope nor target', 'token_malformed', () => forge(header, { ...claims, sub: undefined })],
      [
        'an expiry that is a text',
        'token_malformed',
        () => forge(header, { ...claims, exp: String(now() + 60) }),
      ],
      ['10 kB of junk', 'token_malformed', () => 'A'.repeat(10_240)],
      [
        '10 kB of junk that looks like a JWT',
        'token_malformed',
        () => `eyJ${'A'.repeat(5_000)}.${'B'.repeat(5_000)}.C`,
      ],
      ['a NUL byte', 'token_malformed', () => `${jwt}\0`],
      ['a NUL byte alone', 'token_malformed', () => '\0'],
      ['multibyte text', 'token_malformed', () => '🦊.ü.漢'],
      [
        'a multibyte signature of the right length',
        'token_malformed',
        () => jwt.replace(/[^.]+$/, 'ü'.repeat(43)),
      ],
      ['four parts', 'token_malformed', () => `${jwt}.x`],
      ['one part', 'token_malformed', () => 'x'],
      ['a blank before it', 'token_malformed', () => ` ${jwt}`],
      ['a blank behind it', 'token_malformed', () => `${jwt} `],
      ['a percent sign that escapes nothing', 'token_malformed', () => '%'],
    ])('%s (%s)', async (_, code, make) => {
      const rt = make();
      for (const answer of [
        await app.http.get('/rsvp').query({ rt }),
        await app.http.post('/rsvp').send({ rt }),
        await app.http.post('/rsvp').type('form').send({ rt }),
      ]) {
        expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 403, code });
        expect(answer.text).not.toContain(rt.slice(0, 20) || 'never');
      }
      expect(counter.queries).toEqual([]);
    });

    it('an RSA public key used as HMAC secret', async () => {
      for (const secret of [publicPem, publicPem.trim()]) {
        const rt = forge({ ...header, alg: 'HS256', kid: 'rsa' }, claims, secret);
        const { body } = await rsaApp.http.get('/rsvp').query({ rt }).expect(403);
        expect(body.code).toBe('token_signature_invalid');
      }
      expect(counter.queries).toEqual([]);
    });

    it('broken escapes in the query', async () => {
      await app.http.get('/rsvp?rt=%E0%A4%A').expect(403);
      await app.http.get('/rsvp?rt=%00').expect(403);
      await app.http.get('/rsvp?rt[]=a&rt[b]=c').expect(403);
      await app.http.get('/rsvp?__proto__[rt]=a').expect(403);
      expect(counter.queries).toEqual([]);
    });
  },
);
