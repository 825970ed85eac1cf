import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Param, type Type } from '@nestjs/common';
import fc from 'fast-check';
import { route, UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES, type AdapterName } from '../../support/adapters.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { rawGet } from '../../support/raw-get.js';
import { TestApp } from '../../support/test-app.js';

/** A controller with a route for each path, in this order; each says which it is, and what it was called with. */
function controllerOf(paths: string[]): Type<object> {
  @Controller()
  class DrawnController {}
  for (const [index, path] of paths.entries()) {
    const name = `route${index}`;
    Object.defineProperty(DrawnController.prototype, name, {
      value: (params: object) => JSON.stringify({ path, params }),
    });
    const descriptor = Object.getOwnPropertyDescriptor(DrawnController.prototype, name)!;
    Param()(DrawnController.prototype, name, 0);
    UseRequestToken({ scope: 'drawn', direct: true, log: false })(
      DrawnController.prototype,
      name,
      descriptor,
    );
    Get(path)(DrawnController.prototype, name, descriptor);
  }
  return DrawnController;
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

let app: TestApp;
afterEach(() => app.close());

const start = async (adapter: AdapterName, paths: string[], adapterOptions?: Record<string, unknown>) =>
  (app = await TestApp.start({
    adapter,
    adapterOptions,
    controllers: [controllerOf(paths)],
    databaseUrl: database.url,
  }));

const anywhere = () => app.tokens.issue({ scope: 'drawn', maxUses: null });
const boundTo = (target: string) => app.tokens.issue({ scope: 'drawn', target, maxUses: null });
const open = (path: string, jwt: string) => rawGet(app.port, `${path}?rt=${jwt}`);

interface Case {
  routes: string[];
  options?: Record<string, unknown>;
  target: string;
  path: string;
}

const express = (routes: string[], target: string, path: string, options?: Case['options']) =>
  ['express', { routes, target, path, options }] as const;
const fastify = (routes: string[], target: string, path: string, options?: Case['options']) =>
  ['fastify', { routes, target, path, options }] as const;
const SEMICOLON = { routerOptions: { useSemicolonDelimiter: true } };

describe('A token of one path', () => {
  it.each([
    express(['events/today', 'events/:slug'], '/events/today', '/events/%74oday'),
    express(['events/:slug'], '/events/a%5Cb', '/events/a\\b#'),
    express(['events/:slug'], '/events/a%5Cb', '/events/a\\b'),
    express(['events/*slug'], '/events/a%2Fb', '/events/a/b'),
    express(["it's", ':x'], "/it's", "/it's#"),
    express(["it's", ':x'], "/it's", '/it%27s'),
    express(['a\\:b', ':x'], '/a:b', '/a%3Ab'),
    express(['events/:slug'], '/events/x', '/Events/x', { 'case sensitive routing': false }),
    express(['events/:slug'], '/events/x', '/events/x/'),
    express(['{/:lang}/x', '*any'], '/x', '//x'),
    fastify(['events/:slug', 'events/x'], '/events/x%3By', '/events/x;y', SEMICOLON),
    fastify(['a::b', ':x'], '/a:b', '/a%3Ab'),
    fastify(['a::b', ':x'], '/a%3Ab', '/a:b'),
    fastify(['a::*', ':x'], '/a%3Ab', '/a:b'),
    fastify([':x/b', 'a::b/:y'], '/a%3Ab/b', '/a:b/b'),
    fastify([':x-:y'], '/a%3A-b', '/a:-b'),
    fastify(['events/*'], '/events/a%2Fb', '/events/a/b'),
    fastify(['events/:slug'], '/events/x', '/events/x/', { routerOptions: { ignoreTrailingSlash: true } }),
    fastify(['events/:slug'], '/events/x', '/events//x', { routerOptions: { ignoreDuplicateSlashes: true } }),
    fastify(['events/:slug'], '/events/x', '/EVENTS/x', { routerOptions: { caseSensitive: false } }),
  ])('on %s: %j is refused for what the router may take for another', async (adapter, each) => {
    await start(adapter, each.routes, each.options);
    const { jwt, token } = await boundTo(each.target);
    expect((await open(token.targetPath!, jwt)).status).toBe(200);
    expect((await open(each.path, jwt)).status).not.toBe(200);
  });

  it.each([
    express(['invoice/:id'], '/invoice/é:(1)', '/invoice/%c3%A9%3A%281%29'),
    express(['*path', 'invoice/x'], '/a:b/c', '/a%3Ab/%63'),
    express(['invoice/:id', 'invoice/today'], '/invoice/a:b', '/invoice/a%3ab'),
    fastify(['invoice/:id'], '/invoice/é:(1)', '/invoice/%c3%A9%3A%281%29'),
    fastify(['invoice/:id', 'invoice/today', '*'], '/invoice/a:b', '/invoice/a%3ab'),
    fastify(['invoice/today', ':kind/*'], '/invoice/today', '/%69nvoice/%74oday'),
    fastify(['invoice/*', 'other/:x'], '/invoice/a:b/c', '/invoice/a%3Ab/c'),
  ])('on %s: %j is good where only the escaping differs, and only for a parameter', async (adapter, each) => {
    await start(adapter, each.routes, each.options);
    const { jwt, token } = await boundTo(each.target);
    const [own, other] = [await open(token.targetPath!, jwt), await open(each.path, jwt)];
    expect(own.status).toBe(200);
    expect(other).toEqual(own);
  });

  it.each([
    ['a semicolon, where the app ends the path there', '/events/x;y', SEMICOLON],
    ['an escape that cannot be decoded', '/events/%', undefined],
    ['an escape that is no UTF-8', '/events/%FF', undefined],
  ])('is refused when issued, on Fastify, for %s: nobody could open it', async (_, target, options) => {
    await start('fastify', ['events/:slug'], options);
    await expect(boundTo(target)).rejects.toThrow(TypeError);
  });

  it.each(['/events/%', '/events/a%b', '/events/%FF'])(
    'is refused when issued, on Express, for an escape that cannot be decoded: %s',
    async (target) => {
      await start('express', ['events/:slug']);
      await expect(boundTo(target)).rejects.toThrow(/cannot be decoded/);
    },
  );
});

@Controller('names')
class NamesController {
  @Get(':name')
  @UseRequestToken({ scope: 'drawn', direct: true })
  name(@Param('name') name: string) {
    return name.length;
  }
}

describe('A parameter that is longer than Fastify takes', () => {
  const to = (length: number) => route(NamesController, 'name', { params: { name: 'é'.repeat(length) } });

  it.each([
    ['by default', 100, undefined],
    ['where the app says so', 300, { routerOptions: { maxParamLength: 300 } }],
  ])('is refused when issued, %s', async (_, longest, adapterOptions) => {
    app = await TestApp.start({
      adapter: 'fastify',
      adapterOptions,
      controllers: [NamesController],
      databaseUrl: database.url,
    });
    const { url } = await app.tokens.issue({ target: to(longest) });
    await app.get(url).expect(200, String(longest));
    await expect(app.tokens.issue({ target: to(longest + 1) })).rejects.toThrow(/maxParamLength/);
  });

  it('is no matter on Express', async () => {
    app = await TestApp.start({ controllers: [NamesController], databaseUrl: database.url });
    const { url } = await app.tokens.issue({ target: to(500) });
    await app.get(url).expect(200, '500');
  });
});

describe.each(ADAPTER_NAMES)('%s: A request target in absolute form', (adapter) => {
  it.each([
    ['http://example.com/events/x', 200],
    ['HTTP://127.0.0.1:80/events/x', 200],
    ['http://[::1]/events/x', 200],
    ['http://user@example.com/events/x', 403],
    ['http://example.com;/events/x', 403],
    ['http://example.com\\@evil.example/events/x', 403],
    ['ftp://example.com/events/x', 403],
  ])('%s has a path if there is no doubt about it, and is answered %i', async (url, status) => {
    await start(adapter, ['events/:slug']);
    const { jwt } = await boundTo('/events/x');
    const answer = await open(url, jwt);
    if (status === 200) expect(answer.status).toBe(200);
    else expect(answer.status).not.toBe(200);
  });
});

/** Some more than once: where a text and a parameter meet, routers differ. */
const SEGMENTS = {
  express: [
    'today',
    'a\\:b',
    'a\\:b',
    ':p',
    ':p',
    "it's",
    '%74oday',
    'x\\(1\\)',
    ':p',
    ':p.json',
    'v-:p',
    '*w',
  ],
  fastify: [
    'today',
    'a::b',
    'a::b',
    ':p',
    ':p',
    "it's",
    '%74oday',
    'x(1)',
    ':p',
    ':p.json',
    'v-:p',
    ':p-:q',
    ':n(^\\d+)',
  ],
} satisfies Record<AdapterName, string[]>;

const OPTIONS = {
  express: fc.record({ 'case sensitive routing': fc.boolean(), 'strict routing': fc.boolean() }),
  fastify: fc.record({
    routerOptions: fc.record({
      caseSensitive: fc.boolean(),
      ignoreTrailingSlash: fc.boolean(),
      ignoreDuplicateSlashes: fc.boolean(),
      useSemicolonDelimiter: fc.boolean(),
      maxParamLength: fc.constantFrom(8, 100),
    }),
  }),
} satisfies Record<AdapterName, fc.Arbitrary<Record<string, unknown>>>;

/** Routes that the router accepts, the same place once. */
const routesOf = (adapter: AdapterName) => {
  const segment = fc.constantFrom(...SEGMENTS[adapter]);
  const path = fc
    .tuple(fc.array(segment, { minLength: 1, maxLength: 2 }), fc.nat(3))
    .map(([segments, kind]) => {
      const named = segments.map((each, index) => each.replace(/([:*])([pqwn])/g, `$1$2${index}`));
      return [...named, ...(kind === 0 && adapter === 'fastify' ? ['*'] : [])].join('/');
    });
  return fc.uniqueArray(path, {
    minLength: 4,
    maxLength: 8,
    selector: (each) => each.replace(/:\w+/g, ':').replace(/\(\^.*?\)/g, ''),
  });
};

const WORDS = [
  'today',
  'TODAY',
  'a:b',
  "it's",
  'x(1)',
  'v-1',
  '7',
  'é',
  'a.json',
  'a-b',
  'a/b',
  'a\\b',
  'x;y',
];

const target = fc
  .array(
    fc
      .tuple(fc.constantFrom(...WORDS), fc.constantFrom(encodeURI, encodeURIComponent))
      .map(([word, encode]) => encode(word)),
    { minLength: 1, maxLength: 2 },
  )
  .map((segments) => `/${segments.join('/')}`);

/** Ways to write a path, many of which are other paths: what is done to each of its characters in turn. */
const variant = fc.oneof(
  fc.constantFrom(['reserved'], ['unescaped']),
  fc.array(
    fc.constantFrom(
      '',
      '',
      '',
      'escaped',
      'reserved',
      'reserved',
      'unescaped',
      'lower',
      'unescaped',
      'case',
      'slash',
      'semicolon',
    ),
    { minLength: 1, maxLength: 12 },
  ),
);

function vary(path: string, how: readonly string[]): string {
  const units = path.match(/%[\dA-F]{2}|[^]/g) ?? [];
  return units
    .map((unit, index) => {
      switch (how[index % how.length]) {
        case 'escaped':
          return unit.length === 1 && unit !== '/'
            ? `%${unit.charCodeAt(0).toString(16).toUpperCase()}`
            : unit;
        case 'reserved':
          return /[:;]/.test(unit) ? encodeURIComponent(unit) : unit;
        case 'lower':
          return unit.length === 3 ? unit.toLowerCase() : unit;
        case 'unescaped':
          return unit.length === 3 ? String.fromCharCode(parseInt(unit.slice(1), 16)) : unit;
        case 'case':
          return unit.length === 1 ? unit.toUpperCase() : unit;
        case 'slash':
          return unit === '/' ? '//' : unit;
        case 'semicolon':
          return `${unit};`;
        default:
          return unit;
      }
    })
    .join('');
}

describe.each(ADAPTER_NAMES)('%s: Of any routes, with any options', (adapter) => {
  afterEach(() => undefined);

  it('a token that is accepted for a request would have come to the same handler, with the same parameters, by its own path', async () => {
    let accepted = 0;
    await fc.assert(
      fc
        .asyncProperty(
          routesOf(adapter),
          OPTIONS[adapter],
          fc.array(fc.tuple(target, fc.array(variant, { minLength: 6, maxLength: 6 })), {
            minLength: 12,
            maxLength: 12,
          }),
          async (routes, options, draws) => {
            await start(adapter, routes, options);
            const free = await anywhere();
            for (const [text, variants] of draws) {
              const bound = await boundTo(text).catch(() => undefined);
              const own = bound?.token.targetPath;
              if (!bound || !own) continue;
              const there = await open(own, free.jwt);
              for (const how of variants) {
                const path = vary(own, how);
                const answer = await open(path, bound.jwt);
                if (answer.status !== 200) continue;
                accepted += path === own ? 0 : 1;
                expect({ own, path, ...answer }).toEqual({ own, path, ...there });
              }
            }
          },
        )
        .afterEach(() => app.close()),
      { numRuns: 40 },
    );
    // Otherwise nothing was tried.
    expect(accepted).toBeGreaterThan(5);
  }, 120_000);
});
