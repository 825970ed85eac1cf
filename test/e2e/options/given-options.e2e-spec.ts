import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, Get } from '@nestjs/common';
import fc from 'fast-check';
import {
  IssueManyError,
  RequestToken,
  RequestTokenException,
  RequestTokenModule,
  route,
  UseRequestToken,
} from 'nestjs-request-token';
import { requestTokenTesting } from 'nestjs-request-token/testing';
import { createSettings } from '../../../libs/request-token/src/options/settings.js';
import { SECRET, TestApp } from '../../support/test-app.js';
import { User } from '../../support/user.entity.js';

@Controller()
class EventsController {
  @Get('events/:slug{/:day}')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {}

  @All('leave')
  @UseRequestToken({ scope: 'leave', confirm: true })
  leave() {}
}

/** Values that come of something gone wrong. */
const NONSENSE: unknown[] = [
  undefined,
  null,
  NaN,
  Infinity,
  -1,
  '',
  [],
  {},
  '\0',
  Symbol('x'),
  () => 1,
  true,
];

describe('What callers give', () => {
  let app: TestApp;
  let jwt: string;
  let url: string;
  const given = async () => {
    const issued = await app.tokens.issue({
      user: 1,
      scope: 'rsvp',
      target: '/events/spring',
      maxUses: null,
    });
    ({ jwt, url } = issued);
    return issued;
  };
  beforeAll(async () => {
    app = await TestApp.start({
      controllers: [EventsController],
      entities: [User],
      token: { users: { entity: User } },
    });
    await app.dataSource.manager.save(User, { name: 'Ann' });
    await given();
  });
  afterAll(() => app.close());

  const drain = async (options: unknown, settings?: unknown) => {
    const tokens = [];
    const all = settings === undefined ? [options] : [options, settings];
    for await (const issued of (app.tokens.issueMany as (...args: unknown[]) => AsyncIterable<unknown>).apply(
      app.tokens,
      all,
    )) {
      tokens.push(issued);
    }
    return tokens;
  };
  const manager = () => app.dataSource.manager;
  const later = () => new Date(Date.now() + 60_000);

  /** Every call that takes options: how it is called, with what that works, and what of it bounds a token or the call. */
  const calls: [
    string,
    { call: (options: never) => unknown; good: () => Record<string, unknown>; bounds: string[] },
  ][] = [
    [
      'issue',
      {
        call: (options) => app.tokens.issue(options),
        good: () => ({
          user: 1,
          scope: 'rsvp',
          target: '/x',
          loginMode: 'request',
          expiresAt: later(),
          notBefore: new Date(),
          maxUses: 1,
          data: {},
          manager: manager(),
        }),
        bounds: ['user', 'scope', 'target', 'expiresAt', 'notBefore', 'maxUses', 'manager'],
      },
    ],
    [
      'issue, for a time',
      {
        call: (options) => app.tokens.issue(options),
        good: () => ({ scope: 'rsvp', expiresIn: '1h' }),
        bounds: ['scope', 'expiresIn'],
      },
    ],
    [
      'an item of issueMany',
      {
        call: (options) => drain([options]),
        good: () => ({
          user: 1,
          scope: 'rsvp',
          target: '/x',
          expiresIn: '1h',
          notBefore: new Date(),
          maxUses: 1,
        }),
        bounds: ['user', 'scope', 'target', 'expiresIn', 'notBefore', 'maxUses'],
      },
    ],
    [
      'issueMany',
      {
        call: (settings) => drain([{ scope: 'rsvp' }], settings),
        good: () => ({ batchSize: 10, manager: manager() }),
        bounds: ['manager'],
      },
    ],
    [
      'redeem',
      {
        call: (options) => app.tokens.redeem(jwt, options),
        good: () => ({ scope: 'rsvp', target: '/events/spring', user: 1, manager: manager() }),
        bounds: ['scope', 'target', 'user', 'manager'],
      },
    ],
    [
      'revoke',
      {
        call: (options) => app.tokens.revoke(options),
        good: () => ({ user: 99, scope: 'nothing' }),
        bounds: ['user', 'scope'],
      },
    ],
    [
      'releasePending',
      {
        call: (options) => app.tokens.releasePending(options),
        good: () => ({ olderThan: '1h' }),
        bounds: ['olderThan'],
      },
    ],
    [
      'kit.link',
      {
        call: (options) => app.kit.link(EventsController, 'rsvp', options),
        good: () => ({ user: 1, params: { slug: 'x' }, query: { a: 1 }, expiresIn: '1h', maxUses: 2 }),
        bounds: ['user', 'expiresIn', 'maxUses'],
      },
    ],
    [
      'route',
      {
        call: (parts) => route(EventsController, 'rsvp', parts),
        good: () => ({ params: { slug: 'x' }, query: {} }),
        bounds: [],
      },
    ],
    [
      '@UseRequestToken',
      {
        call: (options) => UseRequestToken(options),
        good: () => ({
          scope: 'x',
          required: true,
          onInvalid: 'refuse',
          confirm: { title: 'X', translations: { de: { title: 'Y' } } },
          direct: false,
          log: true,
          releaseOnFailure: true,
        }),
        bounds: ['scope'],
      },
    ],
    [
      'forRoot',
      {
        call: (options) => [RequestTokenModule.forRoot(options), createSettings(options)],
        good: () => ({
          keys: SECRET,
          baseUrl: 'https://example.com',
          pages: { texts: { en: { confirm: { title: 'X' } } } },
        }),
        bounds: ['keys', 'baseUrl'],
      },
    ],
    [
      'forRootAsync',
      {
        call: (options) => RequestTokenModule.forRootAsync(options),
        good: () => ({
          useFactory: () => ({}),
          inject: [],
          imports: [],
          users: { entity: User },
          dataSource: 'x',
          isGlobal: true,
        }),
        bounds: ['users'],
      },
    ],
  ];

  const outcome = async (call: () => unknown): Promise<unknown> => {
    try {
      await call();
      return undefined;
    } catch (error) {
      return error instanceof IssueManyError ? error.cause : error;
    }
  };

  describe.each(calls)('%s', (name, { call, good, bounds }) => {
    it('takes what is good', async () => {
      expect(await outcome(() => call(good() as never))).toBeUndefined();
    });

    it('says which property it does not know', async () => {
      for (const property of Object.keys(good())) {
        for (const misspelt of [property.toUpperCase(), `${property}s`, `${property}Id`, ` ${property}`]) {
          const { [property]: value, ...rest } = good();
          for (const options of [
            { ...good(), [misspelt]: value },
            { ...rest, [misspelt]: value },
          ]) {
            const error = (await outcome(() => call(options as never))) as Error;
            expect([misspelt, error.message]).toEqual([misspelt, expect.stringContaining(misspelt)]);
            if (name !== 'forRoot') expect(error).toBeInstanceOf(TypeError);
          }
        }
      }
    });

    it('throws TypeError when what bounds it is given and undefined', async () => {
      for (const property of bounds) {
        const error = await outcome(() => call({ ...good(), [property]: undefined } as never));
        expect([property, error]).toEqual([property, expect.any(name === 'forRoot' ? Error : TypeError)]);
        expect((error as Error).message).toContain(property);
      }
    });

    it('throws only what helps, whatever stands in a property', async () => {
      for (const property of Object.keys(good())) {
        for (const value of [...NONSENSE, new Date(NaN), app.dataSource, manager().getRepository(User)]) {
          const error = await outcome(() => call({ ...good(), [property]: value } as never));
          assertHelpful(error, name);
          if (value === null && bounds.includes(property) && property !== 'maxUses') {
            expect([property, error]).toEqual([property, expect.any(Error)]);
          }
        }
      }
    });

    it('says what to give instead of what is no object', async () => {
      for (const options of [null, 1, 'x', [], true]) {
        const error = await outcome(() => call(options as never));
        expect([options, error]).toEqual([options, expect.any(Error)]);
        assertHelpful(error, name);
      }
    });
  });

  function assertHelpful(error: unknown, name: string) {
    if (error === undefined || error instanceof RequestTokenException) return;
    expect(error).toBeInstanceOf(name === 'forRoot' ? Error : TypeError);
    expect((error as Error).message).not.toMatch(
      /Cannot (read|destructure|convert)|is not (a function|iterable)|undefined \(reading/,
    );
  }

  it('names the user who is undefined as the case that it is', async () => {
    await expect(app.tokens.issue({ user: undefined, scope: 'rsvp' })).rejects.toThrow(
      new TypeError('issue: user is undefined; leave it out for a token that stands for nobody'),
    );
    await expect(app.tokens.redeem(jwt, { scope: 'rsvp', user: undefined })).rejects.toThrow(
      'redeem: user is undefined; leave it out, and it is not checked',
    );
    await expect(app.tokens.revoke({ userId: 1, scope: 'rsvp' } as never)).rejects.toThrow(
      'revoke: userId is not an option; there are user, scope',
    );
  });

  it('bounds a token also when the object inherits it, or a getter gives it', async () => {
    class Given {
      scope = 'rsvp';
      get user() {
        return undefined;
      }
    }
    await expect(app.tokens.issue(new Given())).rejects.toThrow('user is undefined');
    await expect(
      app.tokens.issue(Object.create({ scope: 'rsvp', user: undefined }) as never),
    ).rejects.toThrow('user is undefined');
  });

  it('may leave undefined what bounds nothing', async () => {
    await app.tokens.issue({ scope: 'rsvp', data: undefined, loginMode: undefined });
    expect(await drain([{ scope: 'rsvp' }], { batchSize: undefined })).toHaveLength(1);
  });

  it('is no transaction in an item of issueMany, which has one for all', async () => {
    expect(await outcome(() => drain([{ scope: 'rsvp', manager: manager() }]))).toEqual(
      new TypeError('issueMany: give manager once, beside batchSize'),
    );
  });

  it('is no duration that never ends', async () => {
    for (const olderThan of [Infinity, NaN, -1, '', 'x', '1', null]) {
      await expect(app.tokens.releasePending({ olderThan } as never)).rejects.toThrow(TypeError);
    }
    expect(await app.tokens.releasePending({ olderThan: '3000y' })).toBe(0);
  });

  it('is no route without a controller, a parameter, or with one that the path does not have', async () => {
    const issue = (target: () => unknown) => outcome(() => app.tokens.issue({ target: target() } as never));
    const unsafe = route as (...args: unknown[]) => unknown;
    for (const [args, message] of [
      [[undefined, 'rsvp'], 'it may not be there yet'],
      [[EventsController, undefined], 'name of a method of EventsController'],
      [[EventsController, 'rsvp', { params: { slug: undefined } }], 'params.slug must be'],
      [[EventsController, 'rsvp', { params: { slug: '' } }], 'params.slug is empty'],
      [[EventsController, 'rsvp', { params: { slug: NaN } }], 'params.slug must be'],
      [[EventsController, 'rsvp', { params: { slug: 'x', dya: '1' } }], 'params.dya is no parameter'],
      [[EventsController, 'rsvp', { params: { slug: 'x' }, query: { a: undefined } }], 'query.a must be'],
      [[EventsController, 'rsvp', { params: {} }], 'slug'],
      [[EventsController, 'rsvp'], 'slug'],
    ] as [unknown[], string][]) {
      const error = await issue(() => unsafe(...args));
      expect([message, error]).toEqual([message, expect.any(TypeError)]);
      expect((error as Error).message).toContain(message);
    }
  });

  it('is text where texts of pages belong', async () => {
    const texts = (en: object) =>
      outcome(() =>
        createSettings({ keys: SECRET, baseUrl: 'https://example.com', pages: { texts: { en } } }),
      );
    const messages = await Promise.all([
      texts({ confirms: {} }),
      texts({ refusals: { token_expire: {} } }),
      texts({ refusals: { token_expired: { titel: 'X' } } }),
      texts({ confirm: { button: 7 } }),
      outcome(() => UseRequestToken({ confirm: { translations: { de: { titel: 'X' } } } as never })),
      outcome(() => UseRequestToken({ confirm: { translations: { deutsch_de: {} } } })),
    ]);
    expect(messages.map((error) => (error as Error).message)).toEqual([
      expect.stringContaining('pages.texts.en: confirms is not an option; there are confirm, refusals'),
      expect.stringContaining('pages.texts.en.refusals: token_expire is not an option'),
      expect.stringContaining('pages.texts.en.refusals.token_expired: titel is not an option'),
      expect.stringContaining('pages.texts.en.confirm: button must be a text'),
      '@UseRequestToken(): confirm.translations.de: titel is not an option; there are title, message, button',
      "@UseRequestToken(): confirm.translations: 'deutsch_de' must be a BCP 47 language tag such as 'en' or 'pt-BR'",
    ]);
  });

  it('is no misspelt part beside the options of the module', () => {
    const async = RequestTokenModule.forRootAsync.bind(RequestTokenModule) as (options: unknown) => unknown;
    const useFactory = () => ({});
    expect(() => async({ useFactory, user: { entity: User } })).toThrow('user is not an option');
    expect(() => async({ useFactory: undefined })).toThrow('give useFactory, useClass or useExisting');
    expect(() => async({ useFactory, users: { entity: undefined } })).toThrow('users must be');
    expect(() => async({ useFactory, users: { entity: User, entitty: 1 } })).toThrow(
      'entitty is not an option',
    );
    expect(() => async({ useFactory, users: undefined })).toThrow(
      'RequestTokenModule.forRootAsync: users is undefined; leave it out if nobody is to be looked up.',
    );
    expect(() => async({ useFactory, dataSource: null })).toThrow('dataSource must be');
    expect(() => async({ useFactory, isGlobal: 'no' })).toThrow('isGlobal must be true or false');
  });

  it('never issues, redeems or revokes with something undefined that bounds it (property)', async () => {
    const { token } = await given();
    const names = ['user', 'scope', 'target', 'expiresIn', 'expiresAt', 'notBefore', 'maxUses', 'manager'];
    const count = () => manager().countBy(RequestToken, {});
    const before = await count();
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }),
        fc.uniqueArray(fc.constantFrom(...names)),
        async (lost, there) => {
          const options = {
            scope: 'rsvp',
            ...Object.fromEntries(there.map((name) => [name, name === 'target' ? '/events/spring' : 1])),
            ...Object.fromEntries(lost.map((name) => [name, undefined])),
          } as never;
          for (const call of [
            () => app.tokens.issue(options),
            () => drain([options]),
            () => app.tokens.redeem(jwt, options),
            () => app.tokens.revoke(options),
            () => app.kit.link(EventsController, 'leave', options),
          ]) {
            expect(await outcome(call)).toBeInstanceOf(TypeError);
          }
        },
      ),
      { numRuns: 100 },
    );
    expect(await count()).toBe(before);
    expect(await app.row(token.id)).toMatchObject({ useCount: 0, revokedAt: null });
  });

  it('of the testing kit is a link, and an app', async () => {
    for (const nonsense of NONSENSE.filter((value) => value !== '')) {
      for (const call of [
        () => app.kit.click(nonsense as never),
        () => app.kit.scan(nonsense as never),
        () => app.kit.log(nonsense as never),
        () => requestTokenTesting(nonsense as never),
        () => app.tokens.listUnsubscribe(nonsense as never),
      ]) {
        const error = await outcome(call);
        expect([nonsense, error]).toEqual([nonsense, expect.any(TypeError)]);
        assertHelpful(error, 'kit');
      }
      if (nonsense !== -1) expect(() => app.kit.clock.advance(nonsense as never)).toThrow(TypeError);
    }
    expect(() => app.kit.clock.advance('400000y')).toThrow(TypeError);
    app.kit.clock.reset();
    expect(url).toContain('rt=');
  });
});
