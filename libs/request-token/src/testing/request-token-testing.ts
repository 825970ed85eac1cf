import type { INestApplication, Type } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import { RequestTokenClock } from '../common/clock.js';
import { REQUEST_TOKEN_SETTINGS } from '../common/constants.js';
import { checkOf } from '../common/given.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import type { RequestTokenLog } from '../entities/request-token-log.entity.js';
import type { LinkSettings } from '../routes/links.js';
import { type MethodOf, route, type RouteParts } from '../routes/route.js';
import { RouteMatcher } from '../routes/route-matcher.js';
import { ISSUE_OPTIONS, type IssuedToken, type IssueOptions } from '../token/issue.js';
import { TokenService } from '../token/token.service.js';
import { UsageService } from '../usage/usage.service.js';
import { UsageStore } from '../usage/usage.store.js';
import { type Destination, Destinations, type LinkToFollow } from './destination.js';
import { formOf } from './form.js';
import { type Answer, send } from './http-client.js';
import { TestClock } from './test-clock.js';

/**
 * Options of `kit.link`: those of `issue`, and the parts of the route. Scope and target are the route's.
 *
 * @publicApi
 */
export type LinkOptions = RouteParts & Omit<IssueOptions, 'target' | 'scope'>;

/**
 * What `issue` has returned for the link, and how to ask for it.
 *
 * @publicApi
 */
export interface TestLink extends IssuedToken {
  /** Path and query as the app is asked for them, e.g. by supertest. */
  path: string;
}

/**
 * The status of the answer to each way in which scanners open a link.
 *
 * @publicApi
 */
export interface ScanStatuses {
  head: number;
  /** GET as a program would. */
  get: number;
  /** GET as a browser would. */
  browser: number;
  /** GET as a browser that opens the link in advance: 503. */
  prefetch: number;
}

/**
 * What there is a log of: a link, a JWT, what `issue` returned, a row, or its id.
 *
 * @publicApi
 */
export type Logged = string | RequestToken | Pick<IssuedToken, 'token'>;

const { scope: _scope, target: _target, ...OPTIONS } = ISSUE_OPTIONS;

const checkLinkOptions = checkOf<LinkOptions>('link', '{ user, params: { slug } }', {
  ...OPTIONS,
  params: null,
  query: null,
});

/** More than tests make. */
const MOST_LOGGED = 100_000;

const BROWSER = {
  Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Accept-Language': 'en-US,en;q=0.5',
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Sec-Fetch-Dest': 'document',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Site': 'none',
};

/** As `fetch` of a page asks. */
const SCRIPT = {
  ...BROWSER,
  Accept: 'application/json',
  'Sec-Fetch-Dest': 'empty',
  'Sec-Fetch-Mode': 'cors',
};

/**
 * What tests of links need, for an app that is initialized. Bound to no test framework.
 *
 * @example
 * ```ts
 * const kit = requestTokenTesting(app);
 * const link = await kit.link(NewsletterController, 'unsubscribe', { user: ann });
 * kit.clock.advance('31d');
 * expect(await kit.click(link)).toMatchObject({ status: 403 });
 * ```
 * @publicApi
 */
export const requestTokenTesting = (app: INestApplication): RequestTokenTesting => {
  if (typeof (app as Partial<INestApplication> | undefined)?.getHttpAdapter !== 'function') {
    throw new TypeError('requestTokenTesting: give the app, as createNestApplication returned it');
  }
  return new RequestTokenTesting(app);
};

/**
 * Made by {@link requestTokenTesting}.
 *
 * @publicApi
 */
export class RequestTokenTesting {
  /** Moves the library's time: `kit.clock.advance('31d')`. */
  readonly clock: TestClock;
  private readonly destinations: Destinations;

  constructor(private readonly app: INestApplication) {
    this.clock = new TestClock(app.get(RequestTokenClock));
    this.destinations = new Destinations(app);
  }

  /**
   * Issues a token for a route.
   *
   * @example `await kit.link(EventsController, 'rsvp', { user: ann, params: { slug: 'spring' } })`
   */
  async link<Controller extends object>(
    controller: Type<Controller>,
    method: MethodOf<Controller>,
    linkOptions: LinkOptions = {},
  ): Promise<TestLink> {
    checkLinkOptions(linkOptions);
    const { params, query, ...options } = linkOptions;
    const target = route(controller, method, { params, query });
    const issued = await this.app.get(TokenService).issue({ ...options, target });
    return { ...issued, path: (await this.destinations.of(issued)).path };
  }

  /**
   * Opens a link as the scanners of mail providers do, in every way that must not use it up. Those that run the
   * script of a front end's page ask for its route.
   *
   * @example `expect(await kit.scan(link)).toEqual({ head: 200, get: 200, browser: 200, prefetch: 503 })`
   */
  async scan(link: LinkToFollow): Promise<ScanStatuses> {
    const { path } = await this.destinations.of(link);
    const ask = async (method: string, headers = {}) => (await this.send(method, path, headers)).status;
    return {
      head: await ask('HEAD'),
      get: await ask('GET'),
      browser: await ask('GET', BROWSER),
      prefetch: await ask('GET', { ...BROWSER, 'Sec-Purpose': 'prefetch' }),
    };
  }

  /**
   * Opens a confirm page and presses its button, as a person would. The answer is the one to the click, or
   * the page's if it says that the link does not work. Of a link to a page of a front end it does what that does:
   * it asks a confirm route for its JSON, and posts if that is no refusal.
   *
   * @example `expect(await kit.click(link)).toMatchObject({ status: 200, text: 'Good-bye, Ann.' })`
   * @throws Error if the page has no form
   */
  async click(link: LinkToFollow): Promise<Answer> {
    const destination = await this.destinations.of(link);
    const { path, frontend } = destination;
    if (frontend !== undefined) return this.clickInFrontend(destination);
    const page = await this.send('GET', path, BROWSER);
    if (page.status !== 200) return page;
    const form = formOf(page.text);
    if (!form) throw new Error(`click: ${path.split('?')[0]} has no form that posts; is it a confirm route?`);
    const { pathname, search } = new URL(form.action ?? '', `http://localhost${path}`);
    const cookies = (page.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]);
    const headers = {
      ...BROWSER,
      ...(cookies.length > 0 && { Cookie: cookies.join('; ') }),
      Origin: 'http://localhost',
      'Sec-Fetch-Site': 'same-origin',
      'Content-Type': 'application/x-www-form-urlencoded',
      'Content-Length': Buffer.byteLength(form.body),
    };
    return this.send('POST', pathname + search, headers, form.body);
  }

  /**
   * Posts to the route of a link, as the script of a page does, with the token in the query: for routes declared
   * with `@Post()`, which have no page of their own.
   *
   * @param body sent as JSON; none by default
   * @example `expect(await kit.post(link, { seats: 2 })).toMatchObject({ status: 201 })`
   */
  async post(link: LinkToFollow, body?: object): Promise<Answer> {
    return this.postTo(await this.destinations.of(link), body);
  }

  /**
   * Every attempt that was logged, the oldest first, once all of them are settled.
   *
   * @example `expect(await kit.log(link)).toMatchObject([{ outcome: 'used', statusCode: 200 }])`
   */
  async log(of: Logged): Promise<RequestTokenLog[]> {
    const tokenId = await this.idOf(of);
    await this.settled();
    const logs = await this.app.get(UsageStore).logsOf(tokenId, MOST_LOGGED);
    return logs.reverse();
  }

  /** Resolves when the uses and refusals of all requests so far are settled; handlers still running are waited for. */
  settled(): Promise<void> {
    return this.app.get(UsageService).drained();
  }

  private async clickInFrontend(destination: Destination): Promise<Answer> {
    const { path } = destination;
    const routes = this.app.get(RouteMatcher).matching(path.split('?')[0]);
    if (routes.some(({ options }) => options.confirm)) {
      const asked = await this.send('GET', path, this.scriptHeaders(destination));
      if (asked.status !== 200) return asked;
    }
    return this.postTo(destination);
  }

  private postTo(destination: Destination, body?: object): Promise<Answer> {
    const json = body && JSON.stringify(body);
    const headers = {
      ...this.scriptHeaders(destination),
      ...(json !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(json),
      }),
    };
    return this.send('POST', destination.path, headers, json);
  }

  private scriptHeaders({ frontend }: Destination): object {
    const { origin } = this.app.get<LinkSettings>(REQUEST_TOKEN_SETTINGS).baseUrl;
    const isOwn = frontend === undefined || frontend === origin;
    return { ...SCRIPT, Origin: frontend ?? origin, 'Sec-Fetch-Site': isOwn ? 'same-origin' : 'cross-site' };
  }

  private send(method: string, path: string, headers: object, body?: string): Promise<Answer> {
    return send(this.app, { method, path, headers: { ...headers }, body });
  }

  private async idOf(of: Logged): Promise<string> {
    const { id, token } = (of as Partial<RequestToken & IssuedToken> | null | undefined) ?? {};
    const given = typeof of === 'string' ? of : (token?.id ?? id);
    if (isUuid(given)) return given as string;
    const { claims } = await this.app.get(TokenService).inspect(given as string);
    if (!claims) throw new TypeError('log: give a link, a JWT, a token or its id');
    return claims.jti;
  }
}
