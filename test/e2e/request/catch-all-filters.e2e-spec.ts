import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  Catch,
  ConflictException,
  Controller,
  type ExceptionFilter,
  Get,
  HttpException,
  Injectable,
  Module,
  type Provider,
  Scope,
  type Type,
  UseFilters,
} from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  RequestTokenException,
  RequestTokenUnavailableException,
  TokenService,
  UseRequestToken,
} from 'nestjs-request-token';
import request from 'supertest';
import { ADAPTER_NAMES, createApp } from '../../support/adapters.js';
import { TestApp, type TestAppOptions } from '../../support/test-app.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

interface Answering {
  status(code: number): { send(body: object): void };
}

function answer(exception: unknown, host: ArgumentsHost): void {
  const http = host.switchToHttp();
  const statusCode = exception instanceof HttpException ? exception.getStatus() : 500;
  const { url } = http.getRequest<{ url: string }>();
  http.getResponse<Answering>().status(statusCode).send({ statusCode, path: url, by: 'the app' });
}

/** As the documentation of Nest has it. */
@Catch()
class AllExceptionsFilter implements ExceptionFilter {
  constructor(private readonly httpAdapterHost: HttpAdapterHost) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const { httpAdapter } = this.httpAdapterHost;
    const http = host.switchToHttp();
    const statusCode = exception instanceof HttpException ? exception.getStatus() : 500;
    const path = httpAdapter.getRequestUrl(http.getRequest()) as string;
    httpAdapter.reply(http.getResponse(), { statusCode, path, by: 'the app' }, statusCode);
  }
}

@Catch(HttpException)
class HttpExceptionFilter implements ExceptionFilter {
  catch = answer;
}

/** As those that report errors. */
@Catch()
class ReportingFilter extends BaseExceptionFilter {
  override catch(exception: unknown, host: ArgumentsHost): void {
    super.catch(
      exception instanceof HttpException
        ? new HttpException({ by: 'the app' }, exception.getStatus())
        : exception,
      host,
    );
  }
}

@Injectable({ scope: Scope.REQUEST })
@Catch()
class ScopedFilter implements ExceptionFilter {
  catch = answer;
}

@Catch(RequestTokenException)
class OwnFilter implements ExceptionFilter {
  catch({ code }: RequestTokenException, host: ArgumentsHost) {
    host.switchToHttp().getResponse<Answering>().status(410).send({ own: code });
  }
}

@Injectable({ scope: Scope.REQUEST })
class ScopedOwnFilter extends OwnFilter {}

@Catch(RequestTokenUnavailableException)
class OwnUnavailableFilter implements ExceptionFilter {
  catch(_exception: unknown, host: ArgumentsHost) {
    host.switchToHttp().getResponse<Answering>().status(599).send({ own: 'unavailable' });
  }
}

class Routes {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp', direct: true })
  rsvp() {
    return 'Welcome';
  }

  @Get('taken')
  @UseRequestToken({ scope: 'taken', direct: true })
  taken() {
    throw new ConflictException();
  }
}

/** Filters stand on the methods of a class, and so each test has a class of its own. */
function controllerOf({
  onController,
  onMethod,
}: { onController?: Type; onMethod?: Type } = {}): Type<object> {
  @Controller()
  class PagesController {
    constructor(private readonly tokens: TokenService) {}

    @Get('rsvp')
    @UseRequestToken({ scope: 'rsvp', direct: true })
    rsvp() {
      return 'Welcome';
    }

    @Get('taken')
    @UseRequestToken({ scope: 'taken', direct: true })
    taken() {
      throw new ConflictException();
    }

    @Get('by-hand')
    @UseRequestToken({ scope: 'by-hand', required: false, direct: true })
    byHand() {
      return this.tokens.redeem('junk');
    }
  }
  if (onController) UseFilters(onController)(PagesController);
  if (onMethod) {
    for (const name of ['rsvp', 'taken', 'byHand'] as const) {
      UseFilters(onMethod)(
        PagesController.prototype,
        name,
        Object.getOwnPropertyDescriptor(PagesController.prototype, name)!,
      );
    }
  }
  return PagesController;
}

const app = (filter: Type): Provider => ({ provide: APP_FILTER, useClass: filter });

const CATCH_ALL: [string, () => TestAppOptions][] = [
  [
    'in main.ts',
    () => ({
      controllers: [controllerOf()],
      configure: (nest) => nest.useGlobalFilters(new AllExceptionsFilter(nest.get(HttpAdapterHost))),
    }),
  ],
  ['as APP_FILTER', () => ({ controllers: [controllerOf()], providers: [app(AllExceptionsFilter)] })],
  ['of HTTP exceptions', () => ({ controllers: [controllerOf()], providers: [app(HttpExceptionFilter)] })],
  [
    'that extends the one of Nest',
    () => ({ controllers: [controllerOf()], providers: [app(ReportingFilter)] }),
  ],
  ['made for each request', () => ({ controllers: [controllerOf()], providers: [app(ScopedFilter)] })],
  ['on the controller', () => ({ controllers: [controllerOf({ onController: AllExceptionsFilter })] })],
  ['on the method', () => ({ controllers: [controllerOf({ onMethod: AllExceptionsFilter })] })],
  [
    'everywhere',
    () => ({
      controllers: [controllerOf({ onController: AllExceptionsFilter, onMethod: HttpExceptionFilter })],
      providers: [app(ReportingFilter), app(ScopedFilter)],
      configure: (nest) => nest.useGlobalFilters(new AllExceptionsFilter(nest.get(HttpAdapterHost))),
    }),
  ],
];

const NAMED: [string, () => TestAppOptions][] = [
  [
    'in main.ts',
    () => ({
      controllers: [controllerOf()],
      providers: [app(AllExceptionsFilter)],
      configure: (nest) => nest.useGlobalFilters(new OwnFilter()),
    }),
  ],
  [
    'as APP_FILTER',
    () => ({ controllers: [controllerOf()], providers: [app(AllExceptionsFilter), app(OwnFilter)] }),
  ],
  [
    'made for each request',
    () => ({ controllers: [controllerOf()], providers: [app(AllExceptionsFilter), app(ScopedOwnFilter)] }),
  ],
  [
    'on the controller',
    () => ({
      controllers: [controllerOf({ onController: OwnFilter })],
      providers: [app(AllExceptionsFilter)],
    }),
  ],
  [
    'on the method',
    () => ({
      controllers: [controllerOf({ onController: AllExceptionsFilter, onMethod: OwnFilter })],
      providers: [app(AllExceptionsFilter)],
    }),
  ],
];

describe.each(ADAPTER_NAMES)('%s:', (adapter) => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  });
  const start = async (options: TestAppOptions) => {
    const started = await TestApp.start({ adapter, ...options });
    cleanUps.push(() => started.close());
    return started;
  };
  const open = (started: TestApp, path: string, accept = BROWSER) =>
    started.http.get(path).set('Accept', accept).set('Accept-Language', 'en');

  describe('A filter that catches everything,', () => {
    it.each(CATCH_ALL)('%s, leaves the page to a person and JSON to a program', async (_, options) => {
      const started = await start(options());
      const missing = await open(started, '/rsvp').expect(403);
      expect(missing.text).toMatch(/^<!doctype html>[^]*There is a link missing/i);
      const { jwt } = await started.tokens.issue({ scope: 'rsvp', target: '/rsvp' });
      await open(started, `/rsvp?rt=${jwt}`).expect(200);
      expect((await open(started, `/rsvp?rt=${jwt}`).expect(403)).text).toContain('already been used');
      const { body } = await open(started, `/rsvp?rt=${jwt}`, 'application/json').expect(403);
      expect(body).toEqual({
        statusCode: 403,
        error: 'Forbidden',
        code: 'token_exhausted',
        message: expect.any(String),
      });
      expect((await open(started, '/by-hand').expect(403)).text).toContain('This link is damaged');
      await started.kit.settled();

      const fresh = await started.tokens.issue({ scope: 'rsvp', target: '/rsvp' });
      await started.dataSource.query('ALTER TABLE request_token RENAME TO away');
      const unavailable = await open(started, `/rsvp?rt=${fresh.jwt}`).expect(503);
      expect(unavailable.text).toContain('Please try again in a moment');
    });

    it.each(CATCH_ALL)('%s, answers what else handlers throw', async (_, options) => {
      const started = await start(options());
      const { jwt } = await started.tokens.issue({ scope: 'taken' });
      const { body } = await open(started, `/taken?rt=${jwt}`).expect(409);
      expect(body).toMatchObject({ by: 'the app' });
    });
  });

  describe('A filter that names refusals,', () => {
    it.each(NAMED)('%s, has the first say of them, and the page of the 503 stays', async (_, options) => {
      const started = await start(options());
      for (const accept of [BROWSER, 'application/json']) {
        const { body } = await open(started, '/rsvp', accept).expect(410);
        expect(body).toEqual({ own: 'token_missing' });
      }
      const { jwt } = await started.tokens.issue({ scope: 'rsvp' });
      await started.dataSource.query('ALTER TABLE request_token RENAME TO away');
      const { text } = await open(started, `/rsvp?rt=${jwt}`).expect(503);
      expect(text).toContain('Please try again in a moment');
    });

    it('and one that names the 503, have the first say of both', async () => {
      const started = await start({
        controllers: [controllerOf()],
        providers: [app(OwnFilter), app(OwnUnavailableFilter)],
      });
      await open(started, '/rsvp').expect(410);
      const { jwt } = await started.tokens.issue({ scope: 'rsvp' });
      await started.dataSource.query('ALTER TABLE request_token RENAME TO away');
      expect((await open(started, `/rsvp?rt=${jwt}`)).body).toEqual({ own: 'unavailable' });
    });

    it('on one of two controllers that inherit a route, has the first say there', async () => {
      @Controller('one')
      @UseFilters(OwnFilter)
      class OneController extends Routes {}
      @Controller('two')
      class TwoController extends Routes {}
      const started = await start({ controllers: [OneController, TwoController] });
      await open(started, '/one/rsvp').expect(410);
      expect((await open(started, '/two/rsvp').expect(403)).text).toContain('There is a link missing');
    });
  });

  it('In two apps of one process, the filters of each have their say in their own', async () => {
    @Module({ controllers: [Shared()] })
    class SharedModule {}
    const own = await start({ imports: [SharedModule], providers: [app(OwnFilter)] });
    const other = await start({ imports: [SharedModule], providers: [app(AllExceptionsFilter)] });
    const third = await TestApp.start({
      adapter: ADAPTER_NAMES.find((name) => name !== adapter),
      imports: [SharedModule],
    });
    cleanUps.push(() => third.close());
    const moduleRef = await Test.createTestingModule({ imports: [SharedModule] }).compile();
    const bare = createApp(adapter, moduleRef, { logger: false, trustProxy: false });
    cleanUps.push(() => bare.close());
    await bare.listen(0, '127.0.0.1');

    await open(own, '/rsvp').expect(410);
    expect((await open(other, '/rsvp').expect(403)).text).toContain('There is a link missing');
    expect((await open(third, '/rsvp').expect(403)).text).toContain('There is a link missing');
    const { body } = await request(await bare.getUrl())
      .get('/rsvp')
      .set('Accept', BROWSER)
      .expect(503);
    expect(body).toMatchObject({ statusCode: 503, message: expect.stringContaining('cannot be checked') });
  });
});

function Shared(): Type<object> {
  @Controller()
  class SharedController extends Routes {}
  return SharedController;
}
