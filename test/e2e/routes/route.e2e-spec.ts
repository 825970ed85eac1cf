import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  type INestApplication,
  Module,
  Param,
  Post,
  RequestMethod,
  Version,
  VERSION_NEUTRAL,
  VersioningType,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { route, UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { TestApp, type TestAppOptions } from '../../support/test-app.js';

@Controller('events')
class EventsController {
  @Get(':slug/rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp(@Param('slug') slug: string) {
    return slug;
  }

  @Get(['today', 'now'])
  @UseRequestToken()
  today() {
    return 'today';
  }

  @Get('v2')
  @Version('2')
  @UseRequestToken()
  second() {
    return 'second';
  }

  @Get('any')
  @Version([VERSION_NEUTRAL, '3'])
  @UseRequestToken()
  anyVersion() {
    return 'any';
  }

  @Post('form')
  @UseRequestToken()
  form() {
    return 'form';
  }

  @Get('plain')
  plain() {}

  notARoute() {}
}

class Pages {
  @Get('page')
  @UseRequestToken()
  page() {
    return 'page';
  }
}

@Controller('one')
class OneController extends Pages {}

@Controller('two')
class TwoController extends Pages {}

@Controller('foreign')
class ForeignController {
  @Get()
  @UseRequestToken()
  show() {}
}

/** Fastify knows no wildcards with a name. */
@Controller('wild')
class FilesController {
  @Get('files/*path')
  @UseRequestToken()
  file(@Param('path') path: string[]) {
    return path;
  }
}

@Module({ controllers: [EventsController, OneController, TwoController] })
class EventsModule {}

const uriVersions = (nest: INestApplication) =>
  nest.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });

describe.each(ADAPTER_NAMES)('%s: route()', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  const start = (options: TestAppOptions = {}) =>
    TestApp.start({ adapter, imports: [EventsModule], ...options }).then((started) => (app = started));

  it('takes path and scope from the decorators, and escapes parameters', async () => {
    await start();
    const target = route(EventsController, 'rsvp', {
      params: { slug: 'a/b ü?' },
      query: { seat: 2, tag: ['x', 'y'] },
    });
    const { token, url } = await app.tokens.issue({ target });
    expect(token).toMatchObject({ scope: 'rsvp', targetPath: '/events/a%2Fb%20%C3%BC%3F/rsvp' });
    expect(new URL(url).searchParams.getAll('tag')).toEqual(['x', 'y']);
    await app.get(url).expect(200, 'a/b ü?');
  });

  it.each<[string, TestAppOptions]>([
    ['a global prefix', { configure: (nest) => nest.setGlobalPrefix('api') }],
    [
      'a global prefix with an exclusion',
      {
        configure: (nest) =>
          nest.setGlobalPrefix('api', { exclude: [{ path: 'events/*rest', method: RequestMethod.GET }] }),
      },
    ],
    ['URI versioning', { configure: uriVersions }],
    [
      'a global prefix and URI versioning',
      {
        configure: (nest) => {
          nest.setGlobalPrefix('api');
          uriVersions(nest);
        },
      },
    ],
    [
      'header versioning',
      {
        configure: (nest) =>
          nest.enableVersioning({
            type: VersioningType.HEADER,
            header: 'v',
            defaultVersion: VERSION_NEUTRAL,
          }),
      },
    ],
    [
      'RouterModule prefixes',
      { imports: [EventsModule, RouterModule.register([{ path: 'shop', module: EventsModule }])] },
    ],
  ])('gives the path that the app serves under %s', async (_, options) => {
    await start(options);
    for (const target of [
      route(EventsController, 'rsvp', { params: { slug: 'spring' } }),
      route(EventsController, 'today'),
      route(EventsController, 'anyVersion'),
    ]) {
      const { url } = await app.tokens.issue({ target });
      await app.get(url).expect(200);
    }
  });

  it('knows the version of a method', async () => {
    await start({ configure: uriVersions });
    const { url, token } = await app.tokens.issue({ target: route(EventsController, 'second') });
    expect(token.targetPath).toBe('/v2/events/v2');
    await app.get(url).expect(200);
  });

  it('tells controllers apart that inherit one method', async () => {
    await start();
    const paths = await Promise.all(
      [OneController, TwoController].map(
        async (controller) =>
          (await app.tokens.issue({ target: route(controller, 'page') })).token.targetPath,
      ),
    );
    expect(paths).toEqual(['/one/page', '/two/page']);
  });

  it('serves other methods than GET', async () => {
    await start();
    const { jwt, token } = await app.tokens.issue({ target: route(EventsController, 'form') });
    await app.http
      .post(token.targetPath ?? '')
      .send({ rt: jwt })
      .expect(201);
  });

  it('throws for what is not there', async () => {
    await start();
    const issue = (target: ReturnType<typeof route>) => app.tokens.issue({ target });
    // @ts-expect-error there is no such method
    await expect(issue(route(EventsController, 'nothing'))).rejects.toThrow('no method');
    await expect(issue(route(EventsController, 'notARoute'))).rejects.toThrow('not decorated');
    await expect(issue(route(EventsController, 'plain'))).rejects.toThrow('not decorated');
    await expect(issue(route(ForeignController, 'show'))).rejects.toThrow('not a controller of this app');
    await expect(issue(route(EventsController, 'rsvp'))).rejects.toThrow(/EventsController.*rsvp.*slug/);
    await expect(issue(route(EventsController, 'rsvp', { params: { slug: '..' } }))).rejects.toThrow("'..'");
    await expect(
      app.tokens.issue({
        scope: 'other',
        target: route(EventsController, 'rsvp', { params: { slug: 'x' } }),
      }),
    ).rejects.toThrow("scope 'other' is not the scope of that route");
  });
});

describe('route() to a wildcard, on Express', () => {
  it('takes a list of segments, and escapes them', async () => {
    const app = await TestApp.start({ controllers: [FilesController] });
    const target = route(FilesController, 'file', { params: { path: ['a', 'b c'] } });
    const { url, token } = await app.tokens.issue({ target });
    expect(token.targetPath).toBe('/wild/files/a/b%20c');
    await app.get(url).expect(200, ['a', 'b c']);
    await app.close();
  });
});
