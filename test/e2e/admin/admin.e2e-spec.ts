import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  type INestApplication,
  Injectable,
  InternalServerErrorException,
  Logger,
  Module,
  Scope,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { RequestToken, RequestTokenErrorCode, RequestTokenLog, UseRequestToken } from 'nestjs-request-token';
import { RequestTokenAdminModule, type RequestTokenAdminOptions } from 'nestjs-request-token/admin';
import fastifyHelmet from '@fastify/helmet';
import helmet from 'helmet';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { TestApp } from '../../support/test-app.js';

@Controller()
class LinksController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {}

  @Get('broken')
  @UseRequestToken({ scope: 'rsvp' })
  broken() {
    throw new InternalServerErrorException();
  }
}

@Injectable()
class Staff {
  nameOf(header: unknown): string | undefined {
    return typeof header === 'string' ? header : undefined;
  }
}

@Module({ providers: [Staff], exports: [Staff] })
class StaffModule {}

@Injectable()
class StaffGuard implements CanActivate {
  constructor(private readonly staff: Staff) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, unknown>; user?: object }>();
    const id = this.staff.nameOf(request.headers['x-staff']);
    if (id !== undefined) request.user = { id };
    return id !== undefined;
  }
}

const users: NonNullable<RequestTokenAdminOptions['users']> = {
  label: (user) => ({ '7': 'Ann <ann@example.org>' })[user],
  find: (text) => {
    if (text === 'broken') throw new TypeError('cannot read secrets of undefined');
    if (text === 'everybody') return Array.from({ length: 60 }, (_, id) => id);
    return text === 'ann@example.org' ? [{ id: 7 }] : text === 'twins' ? [7, '8'] : [];
  },
};

const HTML = 'text/html,application/xhtml+xml,*/*;q=0.8';
const CSP = 'content-security-policy';

describe.each(ADAPTER_NAMES)('%s: The admin', (adapter) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      adapter,
      controllers: [LinksController],
      imports: [RequestTokenAdminModule.register({ guards: [StaffGuard], imports: [StaffModule], users })],
    });
  });
  afterAll(() => app.close());
  afterEach(() => void jest.restoreAllMocks());

  const get = (path = '', accept = HTML) =>
    app.http.get(`/request-tokens${path}`).set({ 'X-Staff': 'eve', Accept: accept });
  const json = async (path = '') =>
    (await get(path, 'application/json').expect(200)).body as Record<string, unknown>;
  const post = (path: string, body: object = {}) =>
    app.http
      .post(`/request-tokens${path}`)
      .set({ 'X-Staff': 'eve', Accept: HTML, 'Sec-Fetch-Site': 'same-origin' })
      .type('form')
      .send(body);
  const issue = (options: object = {}) => app.tokens.issue({ scope: 'rsvp', user: 7, ...options });
  const open = async (jwt: string, path = '/rsvp') => {
    await app.http.get(path).query({ rt: jwt }).set('User-Agent', 'Mail <b>reader</b> Chrome/150.0 Safari/5');
    await app.tokens.settled();
  };

  it.each(['', '/attempts', '/figures', '/01900000-0000-7000-8000-000000000001'])(
    'shows %s to nobody whom its guards refuse',
    async (path) => {
      await app.http.get(`/request-tokens${path}`).expect(403);
      await app.http.get(`/request-tokens${path}`).set('Accept', 'application/json').expect(403);
    },
  );

  it.each(['find', 'ID/revoke', 'ID/release', 'ID/revoke-user'])(
    'lets nobody else post to %s',
    async (path) => {
      const { token, jwt } = await issue();
      await app.http
        .post(`/request-tokens/${path.replace('ID', token.id)}`)
        .type('form')
        .send({ q: jwt })
        .expect(403);
      expect(await app.row(token.id)).toMatchObject({ revokedAt: null });
    },
  );

  it.each([
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { 'Sec-Fetch-Site': 'anything' },
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
  ])('changes nothing for a page of another site: %j', async (headers) => {
    const { token } = await issue();
    for (const action of ['revoke', 'release', 'revoke-user']) {
      await app.http
        .post(`/request-tokens/${token.id}/${action}`)
        .set({ 'X-Staff': 'eve', ...headers })
        .expect(403);
    }
    expect(await app.row(token.id)).toMatchObject({ revokedAt: null });
  });

  it('lists tokens with state, scope, recipient and uses, by the filters of list', async () => {
    const { token, jwt } = await issue({ scope: 'الرسالة', maxUses: 3 });
    const { text, headers } = await get(`?scope=${encodeURIComponent('الرسالة')}`).expect(200);
    expect(headers['content-type']).toMatch(/^text\/html/);
    expect(headers[CSP]).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers['cache-control']).toBe('no-store');
    expect(text).toContain(`href="/request-tokens/${token.id}"`);
    expect(text).toContain('Ann &lt;ann@example.org> (7)');
    expect(text).toContain('0 of 3');
    expect(text).not.toContain(jwt);
    expect(text).not.toContain('<script');
    const { items } = (await json(`?scope=${encodeURIComponent('الرسالة')}&user=7&state=usable`)) as {
      items: object[];
    };
    expect(items).toEqual([expect.objectContaining({ id: token.id, state: 'usable' })]);
  });

  it('says what is wrong with a filter', async () => {
    expect((await get('?state=lost').expect(400)).text).toContain('state must be one of');
    expect((await get('?issuedFrom=yesterday').expect(400)).text).toContain('is no date');
    expect((await get('?after=abc', 'application/json').expect(400)).body).toMatchObject({ statusCode: 400 });
    expect((await get('/attempts?clientIp=here').expect(400)).text).toContain(
      'clientIp must be an IP address',
    );
    expect((await get('/figures?from=2027-02-01&to=2027-01-01').expect(400)).text).toContain('before');
  });

  it('tells in a sentence what happened to a link, and each attempt in plain words', async () => {
    const { token, jwt } = await issue();
    await open(jwt, '/broken');
    await open(jwt);
    await open(jwt);
    const { text } = await get(`/${token.id}`).expect(200);
    expect(text).toMatch(
      /This link was used on \d+ \w+ \d{4} at [\d:]+ UTC from 127\.0\.0\.1 with Chrome\. It can be used once only/,
    );
    expect(text).toContain('Given back: the app answered with 500');
    expect(text).toContain('Used: the app answered with 200');
    expect(text).toContain('Refused: all of its uses are taken.');
    expect(text).toContain('Mail &lt;b>reader&lt;/b>');
    expect(await json(`/${token.id}`)).toMatchObject({ token: { id: token.id }, state: 'exhausted' });
  });

  it('knows no token that there is none of', async () => {
    const id = '01900000-0000-7000-8000-000000000001';
    expect((await get(`/${id}`).expect(404)).text).toContain('No such token');
    expect((await get('/abc', 'application/json').expect(404)).body).toMatchObject({ statusCode: 404 });
    await post(`/${id}/release`).expect(404);
    await post(`/${id}/revoke-user`).expect(404);
    await post('/abc/revoke').expect(404);
  });

  it.each([
    ['a link', ({ url }: { url: string }) => url],
    ['a JWT', ({ jwt }: { jwt: string }) => jwt],
    ['a JWT between spaces', ({ jwt }: { jwt: string }) => `  ${jwt} `],
    ['a link in the middle of a mail', ({ url }: { url: string }) => `It says “no”: <${url}>. Please help!`],
    ['a link without http', ({ url }: { url: string }) => url.replace('https://', '')],
    ['an id', ({ token }: { token: RequestToken }) => token.id.toUpperCase()],
  ])('leads from %s to its token, and keeps it out of the address', async (_, textOf) => {
    const issued = await issue();
    const { headers } = await post('/find', { q: textOf(issued) }).expect(303);
    expect(headers.location).toBe(`/request-tokens/${issued.token.id}`);
  });

  it('leads from a user to that user’s tokens, or asks which one', async () => {
    expect((await post('/find', { q: 'ann@example.org' }).expect(303)).headers.location).toBe(
      '/request-tokens?user=7',
    );
    const { text } = await post('/find', { q: 'twins' }).expect(200);
    expect(text).toContain('href="/request-tokens?user=8"');
    await issue({ user: 'gone/1' });
    expect((await post('/find', { q: 'gone/1' }).expect(303)).headers.location).toBe(
      '/request-tokens?user=gone%2F1',
    );
    await post('/find', { q: 'nobody' }).expect(404);
    await post('/find', { q: '' }).expect(400);
    await post('/find', { q: 'a'.repeat(9_000) }).expect(400);
    await post('/find').expect(400);
  });

  it('offers a choice of so many users only', async () => {
    const { text } = await post('/find', { q: 'everybody' }).expect(200);
    expect(text.match(/<li>/g)).toHaveLength(50);
    expect(text).toContain('There are more');
  });

  it('keeps to itself what goes wrong in the app’s own find', async () => {
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const { text } = await post('/find', { q: 'broken' }).expect(503);
    expect(text).not.toContain('secrets');
    expect(String(error.mock.calls)).toContain('users.find of the admin failed');
  });

  it.each([
    ['glued to a word', (jwt: string) => `link${jwt}`],
    ['in a link that counts clicks', (jwt: string) => `click.example/?u=https%3A%2F%2Fa.b%2F%3Frt%3D${jwt}`],
    ['encoded', (jwt: string) => `example.com/?rt=%65yJ${jwt.slice(3)}`],
    ['without its header', (jwt: string) => jwt.slice(jwt.indexOf('.') + 1)],
    ['as mail is sent', (jwt: string) => `rt=3D${jwt}`],
  ])('puts no JWT into an address, be it %s', async (_, textOf) => {
    const { jwt } = await issue();
    const { text, headers } = await post('/find', { q: textOf(jwt) });
    expect(text + (headers.location ?? '')).not.toContain(jwt.slice(-40));
  });

  it('explains links that are not ours, or spoilt, and shows nothing of them', async () => {
    const { jwt, url } = await issue();
    const forged = `${jwt.slice(0, -3)}abc`;
    const { text } = await post('/find', { q: url.replace(jwt, forged) }).expect(404);
    expect(text).toContain('not made by this app');
    expect(text).not.toContain(forged.slice(0, 20));
    expect((await post('/find', { q: jwt.slice(0, 60) }).expect(404)).text).toContain('damaged');
  });

  it('knows a deferred token from its link, and stops it before its first use', async () => {
    const { jwt, url, token } = await issue({ deferred: true, expiresIn: '1h', user: 'deferred' });
    const { text } = await post('/find', { q: url }).expect(200);
    expect(text).toContain('This link works');
    expect(text).toContain('known from its link only');
    expect(text).not.toContain(jwt.slice(0, 20));
    expect(text).toContain(`action="/request-tokens/${token.id}/revoke"`);
    expect((await get(`/${token.id}`).expect(404)).text).toContain('deferred');
    expect((await post(`/${token.id}/revoke`).expect(200)).text).toContain('This link is revoked.');
    expect((await post('/find', { q: url }).expect(200)).text).toContain('it was revoked');
    await app.http.get('/rsvp').query({ rt: jwt }).expect(403);
  });

  it('revokes a link, and all of a user, and logs who did it', async () => {
    const log = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    const [one, other, foreign] = [await issue({ user: 'bob' }), await issue({ user: 'bob' }), await issue()];
    const { headers } = await post(`/${one.token.id}/revoke`).expect(303);
    expect(headers.location).toBe(`/request-tokens/${one.token.id}?done=revoke&count=1`);
    expect((await get(headers.location.slice('/request-tokens'.length))).text).toContain(
      'This link is revoked.',
    );
    expect(await app.row(one.token.id)).toMatchObject({ revokedAt: expect.any(Date) });
    expect(await app.row(other.token.id)).toMatchObject({ revokedAt: null });
    await post(`/${one.token.id}/revoke-user`).expect(303);
    expect(await app.row(other.token.id)).toMatchObject({ revokedAt: expect.any(Date) });
    expect(await app.row(foreign.token.id)).toMatchObject({ revokedAt: null });
    const said = log.mock.calls.map(([text]) => String(text));
    expect(said).toContain(`Admin: "eve" did revoke on token ${one.token.id}: 1`);
    expect(said).toContain(`Admin: "eve" did revoke-user on token ${one.token.id}: 1`);
  });

  it('gives a pending use back, once, and no other', async () => {
    const { token, jwt } = await issue({ maxUses: 2 });
    const other = await issue();
    await open(jwt);
    await open(other.jwt);
    for (const { id } of [token, other.token])
      await app.dataSource.manager.update(RequestTokenLog, { tokenId: id }, { outcome: 'pending' });
    expect((await get(`/${token.id}`)).text).toContain('One use has not ended');
    const answers = await Promise.all([post(`/${token.id}/release`), post(`/${token.id}/release`)]);
    expect(answers.map(({ headers }) => headers.location.slice(-7)).sort()).toEqual(['count=0', 'count=1']);
    expect(await app.row(token.id)).toMatchObject({ useCount: 0 });
    expect(await app.row(other.token.id)).toMatchObject({ useCount: 1 });
  });

  it('gives a use back that has not ended long since, behind more attempts than it shows', async () => {
    const { token, jwt } = await issue({ maxUses: null });
    await open(jwt);
    await app.dataSource.manager.update(RequestTokenLog, { tokenId: token.id }, { outcome: 'pending' });
    await app.dataSource.query(
      `INSERT INTO request_token_log (id, token_id, outcome, started_at)
       SELECT overlay(gen_random_uuid()::text PLACING 'f' FROM 1)::uuid, $1, 'used', now() FROM generate_series(1, 250)`,
      [token.id],
    );
    const { text } = await get(`/${token.id}`).expect(200);
    expect(text.match(/Used/g)!.length).toBeLessThan(250);
    expect(text).toContain('One use has not ended');
    expect(text).toContain(`/${token.id}/release`);
    const { headers } = await post(`/${token.id}/release`);
    expect(headers.location).toMatch(/count=1$/);
    expect((await get(`/${token.id}`)).text).not.toContain('/release');
  });

  it('offers outcomes by the words of people', async () => {
    const { text } = await get('/attempts').expect(200);
    expect(text).toContain('<option value="token_exhausted">refused: used up</option>');
    const choices = [...text.matchAll(/<option value="([^"]+)"[^>]*>([^<]*)</g)];
    expect(choices.filter(([, value, words]) => value !== words || value === 'used')).toHaveLength(
      choices.length,
    );
  });

  it.each([
    '<b>call 555</b>',
    'This link works',
    'constructor',
    '__proto__',
    'toString',
    'TOKEN_EXPIRED',
    '',
  ])('says nothing that somebody has written into the address instead of a code: %j', async (code) => {
    const { token } = await issue();
    const query = `?code=${encodeURIComponent(code)}`;
    const plain = (await get(`/${token.id}`).expect(200)).text;
    expect((await get(`/${token.id}${query}`).expect(200)).text).toBe(plain);
    for (const action of ['release', 'revoke', 'revoke-user']) {
      const { headers } = await post(`/${token.id}/${action}${query}`).expect(303);
      expect(headers.location).toMatch(new RegExp(`\\?done=${action}&count=\\d+$`));
    }
  });

  it('lets no code in the address say that a link works which does not', async () => {
    const { token: revoked } = await issue();
    const { token: expired } = await issue({ expiresAt: new Date(Date.now() + 3_600_000) });
    const { token: works } = await issue();
    await app.tokens.revoke(revoked.id);
    await app.dataSource.manager.update(RequestToken, expired.id, { expiresAt: new Date(0) });
    for (const code of [...Object.values(RequestTokenErrorCode), 'usable']) {
      for (const query of [`?code=${code}`, `?code=${code}&code=${code}`, `?code[]=${code}`]) {
        expect((await get(`/${revoked.id}${query}`)).text).toContain('it was revoked');
        expect((await get(`/${expired.id}${query}`)).text).toContain('it expired');
        for (const { id } of [revoked, expired]) {
          const { text } = await get(`/${id}${query}`).expect(200);
          expect(text).not.toContain('This link works');
          expect(text).not.toContain('verdict good');
        }
      }
    }
    // The other way round it can: what only a link tells is not in the row.
    expect((await get(`/${works.id}?code=token_user_changed`)).text).toContain('This link does not work.');
  });

  it.each(['release', 'revoke', 'revoke-user'])(
    'says behind the button %s again what only the link tells',
    async (action) => {
      const { token } = await issue();
      const page = (await get(`/${token.id}?code=token_user_changed`).expect(200)).text;
      expect(page).toContain(`/${token.id}/revoke?code=token_user_changed"`);
      const { headers } = await post(`/${token.id}/${action}?code=token_user_changed`).expect(303);
      expect(headers.location).toMatch(/&code=token_user_changed$/);
      const { text } = await get(headers.location.replace('/request-tokens', '')).expect(200);
      expect(text).toContain(action === 'release' ? 'Its user has changed' : 'it was revoked');
    },
  );

  it('answers programs in JSON', async () => {
    const { token } = await issue();
    const { body } = await post(`/${token.id}/revoke`).set('Accept', 'application/json').expect(200);
    expect(body).toEqual({ revoked: 1 });
    const found = await post('/find', { q: token.id }).set('Accept', 'application/json').expect(200);
    expect(found.body).toEqual({ id: token.id });
    const ann = await post('/find', { q: 'ann@example.org' }).set('Accept', 'application/json').expect(200);
    expect(ann.body).toEqual({ user: '7' });
    expect(await json('/attempts')).toMatchObject({ items: expect.any(Array) });
    expect(await json('/figures')).toMatchObject({ days: expect.any(Array), scopes: expect.any(Array) });
  });

  it('shows figures as a chart and tables, by day and scope', async () => {
    const { text } = await get('/figures').expect(200);
    expect(text.match(/<title>\d{4}-\d\d-\d\d: /g)).toHaveLength(30);
    expect(text).toContain('By day');
    expect(text).toContain('By scope');
    expect(text).toContain('rsvp');
  });

  it('pages through more than fits on a page', async () => {
    await Promise.all(Array.from({ length: 3 }, () => issue({ scope: 'pages' })));
    const { text } = await get('?scope=pages&limit=2').expect(200);
    const [, next] = /href="(\/request-tokens\?[^"]*after=[^"]*)"/.exec(text)!;
    const rest = await get(next.replaceAll('&amp;', '&').slice('/request-tokens'.length)).expect(200);
    expect(rest.text.match(/data-label="State"/g)).toHaveLength(1);
  });
});

@Injectable({ scope: Scope.REQUEST })
class PerRequestGuard extends StaffGuard {}

@Entity()
class Reader {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text')
  email!: string;
}

@Catch()
class EverythingFilter implements ExceptionFilter {
  catch() {
    throw new Error('unexpected');
  }
}

describe.each(ADAPTER_NAMES)('%s: In an app of its own ways, the admin', (adapter) => {
  let app: TestApp;
  const passAll: CanActivate = { canActivate: () => true };
  afterEach(() => app.close());

  const start = async (
    options: Partial<RequestTokenAdminOptions>,
    configure: (nest: INestApplication) => void,
  ) =>
    (app = await TestApp.start({
      adapter,
      imports: [RequestTokenAdminModule.register({ guards: [passAll], ...options })],
      configure,
    }));

  it('stands below a global prefix, with strict pipes, interceptors and filters of the app', async () => {
    await start({ path: 'support/links' }, (nest) => {
      nest.setGlobalPrefix('api');
      nest.useGlobalPipes(
        new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }),
      );
      nest.useGlobalFilters(new EverythingFilter());
    });
    const { token } = await app.tokens.issue({ scope: 'rsvp' });
    const { text } = await app.http.get('/api/support/links?state=usable').expect(200);
    expect(text).toContain(`href="/api/support/links/${token.id}"`);
    const { headers } = await app.http
      .post('/api/support/links/find')
      .type('form')
      .send({ q: token.id, more: 'x' })
      .expect(303);
    expect(headers.location).toBe(`/api/support/links/${token.id}`);
    await app.http.post(`${headers.location}/revoke`).expect(303);
  });

  it('keeps its own policy beside helmet’s', async () => {
    await start({}, (nest) => {
      if (adapter === 'fastify') {
        const instance = nest.getHttpAdapter().getInstance() as { register: (plugin: unknown) => void };
        instance.register(fastifyHelmet);
      } else nest.use(helmet());
    });
    const { headers } = await app.http.get('/request-tokens').expect(200);
    expect(headers[CSP]).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/);
    expect(headers['x-frame-options']).toBe('SAMEORIGIN');
  });

  it('adds to Vary, and leaves what CORS of the app has put there', async () => {
    await start({}, (nest) => nest.enableCors({ origin: ['https://a.example', 'https://b.example'] }));
    const { headers } = await app.http.get('/request-tokens').set('Origin', 'https://a.example').expect(200);
    expect(headers.vary).toMatch(/Origin.*Accept/);
  });

  it('asks guards that are made for each request, and stands below several paths', async () => {
    app = await TestApp.start({
      adapter,
      imports: [
        RequestTokenAdminModule.register({ guards: [PerRequestGuard], imports: [StaffModule] }),
        RequestTokenAdminModule.register({ path: 'look', guards: [passAll], readOnly: true }),
      ],
    });
    const { token } = await app.tokens.issue({ scope: 'rsvp' });
    await app.http.post(`/request-tokens/${token.id}/revoke`).expect(403);
    await app.http.post(`/look/${token.id}/revoke`).set('X-Staff', 'eve').expect(403);
    await app.http.post(`/request-tokens/${token.id}/revoke`).set('X-Staff', 'eve').expect(303);
    await app.http.get('/look').expect(200);
  });

  it('stands in every version of the app', async () => {
    await start({}, (nest) => nest.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' }));
    const { token } = await app.tokens.issue({ scope: 'rsvp' });
    await app.http.get('/request-tokens').expect(200);
    expect((await app.http.post(`/request-tokens/${token.id}/revoke`).expect(303)).headers.location).toMatch(
      `/request-tokens/${token.id}?`,
    );
  });

  it('knows from a link that its user has changed, or is gone, and does not say that it works', async () => {
    app = await TestApp.start({
      adapter,
      entities: [Reader],
      token: { users: { entity: Reader, boundTo: ['email'] } },
      imports: [RequestTokenAdminModule.register({ guards: [passAll] })],
    });
    const { manager } = app.dataSource;
    const ann = await manager.save(Reader, { email: 'ann@example.org' });
    const issued = await app.tokens.issue({ scope: 'rsvp', user: ann });
    const find = async (q: string) => app.http.post('/request-tokens/find').type('form').send({ q });
    const lookedUp = async () => {
      const { location } = (await find(issued.url)).headers;
      return (await app.http.get(location).expect(200)).text;
    };
    expect(await lookedUp()).toContain('This link works');
    await manager.update(Reader, ann.id, { email: 'bea@example.org' });
    const changed = await lookedUp();
    expect(changed).toContain('This link does not work. Its user has changed');
    // What only the link tells is still said when a button was pressed.
    const revokeAll = /action="(\/request-tokens\/[^"]*\/)revoke-user(\?[^"]*)"/.exec(changed)!;
    const pressed = await app.http
      .post(`${revokeAll[1]}release${revokeAll[2]}`)
      .set('Sec-Fetch-Site', 'same-origin')
      .expect(303);
    const after = (await app.http.get(pressed.headers.location).expect(200)).text;
    expect(after).toContain('This link does not work. Its user has changed');
    expect(after).toContain('0 uses were given back.');
    await manager.delete(Reader, ann.id);
    expect(await lookedUp()).toContain('does not exist any more');
    await app.tokens.revoke(issued.token.id);
    expect(await lookedUp()).toContain('it was revoked');
    expect((await find('no number')).status).toBe(404);
    expect((await app.http.get('/request-tokens?user=no+number')).status).toBe(200);
  });

  it('that is to be read only has no buttons, and changes nothing', async () => {
    await start({ readOnly: true }, () => undefined);
    const { token } = await app.tokens.issue({ scope: 'rsvp', user: 7 });
    const { text } = await app.http.get(`/request-tokens/${token.id}`).expect(200);
    expect(text).not.toContain('Revoke');
    for (const action of ['revoke', 'release', 'revoke-user']) {
      await app.http.post(`/request-tokens/${token.id}/${action}`).expect(403);
    }
    expect(await app.row(token.id)).toMatchObject({ revokedAt: null });
  });
});

describe('RequestTokenAdminModule', () => {
  const guards = [StaffGuard];
  it.each<[string, unknown]>([
    ['no options', undefined],
    ['no guards', {}],
    ['empty guards', { guards: [] }],
    ['guards that are undefined', { guards: undefined }],
    ['what is no guard', { guards: [class {}] }],
    ['a guard that is not there yet', { guards: [undefined] }],
    ['a function', { guards: [() => true] }],
    ['an unknown option', { guards, readonly: true }],
    ['users without find', { guards, users: { label: () => 'Ann' } }],
    ['readOnly as a text', { guards, readOnly: 'yes' }],
    ['a path with a parameter', { guards, path: ':tenant/tokens' }],
    ['an empty path', { guards, path: '' }],
  ])('refuses %s', (_, options) => {
    expect(() => RequestTokenAdminModule.register(options as RequestTokenAdminOptions)).toThrow(TypeError);
  });

  it('takes its settings from a factory, and checks them', async () => {
    const register = (settings: object) =>
      RequestTokenAdminModule.registerAsync({
        guards,
        imports: [StaffModule],
        inject: [Staff],
        useFactory: (staff: Staff) => ({ readOnly: staff.nameOf('x') === 'x', ...settings }),
      });
    const app = await TestApp.start({ imports: [register({})] });
    const { token } = await app.tokens.issue({ scope: 'rsvp' });
    await app.http.post(`/request-tokens/${token.id}/revoke`).set('X-Staff', 'eve').expect(403);
    expect(await app.row(token.id)).toMatchObject({ revokedAt: null });
    await app.close();
    const wrong = Test.createTestingModule({ imports: [register({ guards: [] })] });
    await expect(wrong.compile()).rejects.toThrow('guards is not an option');
    expect(() => RequestTokenAdminModule.registerAsync({ guards: [], useFactory: () => ({}) })).toThrow(
      TypeError,
    );
  });
});
