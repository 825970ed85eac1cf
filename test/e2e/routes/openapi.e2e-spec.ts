import { beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, HttpCode, type INestApplication, Post, Query } from '@nestjs/common';
import {
  ApiExtension,
  ApiForbiddenResponse,
  ApiOkResponse,
  ApiProperty,
  ApiQuery,
  DocumentBuilder,
  type OpenAPIObject,
  SwaggerModule,
} from '@nestjs/swagger';
import { RequestTokenErrorCode, requestTokenOpenApi, UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES, type AdapterName } from '../../support/adapters.js';
import { TestApp, type TestAppOptions } from '../../support/test-app.js';

class Invoice {
  @ApiProperty()
  total!: number;
}

@Controller('pages')
class PagesController {
  @Get('invoice')
  @UseRequestToken({ scope: 'invoice', direct: true })
  invoice() {}

  @Post('answer')
  @UseRequestToken({ scope: 'answer', required: false })
  answer() {}

  @Post('gone')
  @HttpCode(204)
  @UseRequestToken({ scope: 'gone' })
  gone() {}

  @All('unsubscribe')
  @UseRequestToken({ scope: 'unsubscribe', confirm: true })
  unsubscribe() {}

  @All('pay')
  @UseRequestToken({ scope: 'pay', confirm: true })
  @ApiOkResponse({ type: Invoice, description: 'What was paid.' })
  pay() {}

  @All('later')
  @HttpCode(202)
  @ApiExtension('x-own', 'kept')
  @UseRequestToken({ scope: 'later', confirm: true })
  later() {}

  @All('any')
  @UseRequestToken({ scope: 'any', direct: true })
  any() {}

  @Get('own')
  @UseRequestToken({ scope: 'own', direct: true })
  @ApiQuery({ name: 'rt', description: 'Our words.', required: false, type: String })
  @ApiQuery({ name: 'page', type: Number })
  @ApiOkResponse({ type: Invoice })
  @ApiForbiddenResponse({ description: 'Not yours.' })
  own() {}

  @Get('read')
  @UseRequestToken({ scope: 'read', direct: true })
  read(@Query('rt') jwt: string) {
    return jwt;
  }

  @Get('plain')
  plain() {}
}

@Controller('guarded')
@ApiForbiddenResponse({ description: 'Of every route here.' })
@UseRequestToken({ scope: 'guarded' })
class GuardedController {
  @Post()
  act() {}
}

/** As Nest's CLI plugin would have compiled it. */
@Controller('compiled')
class CompiledController {
  static _OPENAPI_METADATA_FACTORY() {
    return { invoices: { summary: 'All invoices', type: [Invoice] } };
  }

  @Get()
  @UseRequestToken({ scope: 'compiled', direct: true })
  invoices(): Invoice[] {
    return [];
  }
}

type Moment = 'before init' | 'after init';
const createDocument = (app: INestApplication) =>
  SwaggerModule.createDocument(app, new DocumentBuilder().build());

async function documentOf(moment: Moment, options: TestAppOptions): Promise<OpenAPIObject> {
  let document: OpenAPIObject | undefined;
  const app = await TestApp.start({
    ...options,
    configure: (nest) => {
      nest.setGlobalPrefix('api');
      if (moment === 'before init') document = createDocument(nest);
    },
  });
  document ??= createDocument(app.app);
  await app.close();
  return document;
}

const controllers = [PagesController, GuardedController, CompiledController];
const page = { 'text/html': { schema: { type: 'string' } } };
const confirmation = {
  'application/json': {
    schema: {
      title: 'RequestTokenConfirmation',
      type: 'object',
      required: ['kind', 'lang', 'title', 'message', 'button', 'scope', 'expiresAt', 'usesLeft'],
      properties: expect.objectContaining({
        kind: { type: 'string', enum: ['confirm'] },
        expiresAt: { type: 'string', format: 'date-time', nullable: true },
      }),
    },
  },
};
const invoice = { 'application/json': { schema: { $ref: '#/components/schemas/Invoice' } } };

describe.each(
  ADAPTER_NAMES.flatMap((adapter) =>
    (['before init', 'after init'] as const).map((moment): [AdapterName, Moment] => [adapter, moment]),
  ),
)('%s: An OpenAPI document made %s', (adapter, moment) => {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  let paths: Record<string, any>;
  beforeAll(async () => {
    ({ paths } = await documentOf(moment, { adapter, controllers }));
  });

  it('has the query parameter of a decorated route', () => {
    expect(paths['/api/pages/invoice'].get.parameters).toEqual([
      {
        name: 'rt',
        in: 'query',
        required: true,
        description: expect.stringContaining('Request token'),
        schema: { type: 'string', format: 'jwt' },
      },
    ]);
    expect(paths['/api/pages/answer'].post.parameters).toMatchObject([{ name: 'rt', required: false }]);
  });

  it('has the refusal with every code', () => {
    const { responses } = paths['/api/pages/invoice'].get;
    expect(responses['403'].content).toEqual({
      'application/json': {
        schema: {
          type: 'object',
          required: ['statusCode', 'error', 'code', 'message'],
          properties: {
            statusCode: { type: 'integer', example: 403 },
            error: { type: 'string', example: 'Forbidden' },
            code: { type: 'string', enum: Object.values(RequestTokenErrorCode) },
            message: { type: 'string' },
          },
        },
      },
      ...page,
    });
  });

  it('still has the success that is documented by itself', () => {
    expect(paths['/api/pages/invoice'].get.responses['200']).toEqual({ description: '' });
    expect(Object.keys(paths['/api/pages/answer'].post.responses)).toEqual(['201', '403']);
    expect(Object.keys(paths['/api/pages/gone'].post.responses)).toEqual(['204', '403']);
  });

  it('has the page of a confirm route, and its JSON', () => {
    const { get, post } = paths['/api/pages/unsubscribe'];
    for (const { responses } of [get, post]) {
      expect(responses['200']).toEqual({
        description: expect.stringContaining('or a page'),
        content: { ...confirmation, ...page },
      });
    }
    expect(paths['/api/pages/pay'].post.responses['200']).toEqual({
      description: expect.stringMatching(/^What was paid\.\n\nGET: what is to be confirmed/),
      content: invoice,
    });
  });

  it('has the two operations of a confirm route that clients use, once it is asked for', async () => {
    const { paths: tidy } = requestTokenOpenApi(await documentOf(moment, { adapter, controllers }));
    const answersOf = (path: string) =>
      Object.fromEntries(
        Object.entries(tidy[path]).map(([method, { responses }]) => [method, responses]),
      ) as object;
    const get = {
      200: {
        description: expect.stringContaining('Nothing has happened'),
        content: { ...confirmation, ...page },
      },
      403: expect.anything(),
    };
    expect(answersOf('/api/pages/unsubscribe')).toEqual({
      get,
      post: { 200: { description: '' }, 403: expect.anything() },
    });
    expect(answersOf('/api/pages/pay')).toEqual({
      get,
      post: { 200: { description: 'What was paid.', content: invoice }, 403: expect.anything() },
    });
    expect(answersOf('/api/pages/later')).toEqual({
      get,
      post: { 202: { description: '' }, 403: expect.anything() },
    });
    expect(tidy['/api/pages/later'].post).toMatchObject({ 'x-own': 'kept' });
    expect(JSON.stringify(tidy)).not.toContain('x-request-token');
    for (const path of ['/api/pages/any', '/api/pages/invoice', '/api/pages/answer', '/api/pages/plain']) {
      expect(tidy[path]).toEqual(paths[path]);
    }
  });

  it('keeps what the app says itself', () => {
    const { parameters, responses } = paths['/api/pages/own'].get;
    expect(parameters).toHaveLength(2);
    expect(parameters).toContainEqual({
      name: 'rt',
      in: 'query',
      required: false,
      description: 'Our words.',
      schema: { type: 'string' },
    });
    expect(responses).toEqual({
      200: { description: '', content: invoice },
      403: { description: 'Not yours.' },
    });
    expect(paths['/api/guarded'].post.responses).toEqual({
      201: { description: '' },
      403: { description: 'Of every route here.' },
    });
  });

  it('keeps what the CLI plugin found out', () => {
    expect(paths['/api/compiled'].get.responses['200']).toEqual({
      description: '',
      content: {
        'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Invoice' } } },
      },
    });
  });

  it('has a parameter once that the handler reads, too', () => {
    expect(paths['/api/pages/read'].get.parameters).toMatchObject([
      { name: 'rt', in: 'query', required: true, schema: { type: 'string' } },
    ]);
  });

  it('leaves other routes alone', () => {
    expect(paths['/api/pages/plain'].get).toMatchObject({
      parameters: [],
      responses: { 200: { description: '' } },
    });
    expect(Object.keys(paths['/api/pages/plain'].get.responses)).toEqual(['200']);
  });

  it("has the app's own name of the parameter, whatever other apps call it", async () => {
    const named = { adapter, controllers, token: { parameter: 'token' } };
    const { paths: own } = await documentOf(moment, named);
    expect(own['/api/pages/invoice'].get?.parameters).toMatchObject([{ name: 'token' }]);
    expect(own['/api/pages/pay'].post?.responses['200']).toEqual(
      paths['/api/pages/pay'].post.responses['200'],
    );
  });
});

describe.each(ADAPTER_NAMES)('%s: What the CLI plugin found out', (adapter) => {
  it('and the app loads by itself, as with swc, stays', async () => {
    class Listing {
      @Get()
      @UseRequestToken({ scope: 'loaded', direct: true })
      list() {}
    }
    @Controller('loaded')
    class LoadedController extends Listing {
      @All('settle')
      @UseRequestToken({ scope: 'loaded', confirm: true })
      settle() {}

      @Get('plain')
      plain() {}

      @Post('none')
      @UseRequestToken({ scope: 'loaded' })
      none() {}
    }
    const app = await TestApp.start({ adapter, controllers: [LoadedController] });
    const files = Promise.resolve({ LoadedController, Listing });
    await SwaggerModule.loadPluginMetadata(() =>
      Promise.resolve({
        '@nestjs/swagger': {
          models: [],
          controllers: [
            [
              files,
              {
                LoadedController: {
                  settle: { summary: 'Settles.', type: Invoice },
                  plain: { type: Invoice },
                },
                Listing: { list: { status: 200, type: [Invoice] } },
              },
            ],
          ],
        },
      }),
    );
    const { paths } = createDocument(app.app);
    const { paths: tidy } = requestTokenOpenApi(createDocument(app.app));
    await app.close();
    expect(tidy['/loaded/settle'].post?.responses['200']).toEqual({ description: '', content: invoice });
    expect(paths['/loaded'].get?.responses['200']).toEqual({
      description: '',
      content: {
        'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Invoice' } } },
      },
    });
    expect(paths['/loaded/settle'].post?.responses['200']).toEqual({
      description: expect.stringContaining('GET: what is to be confirmed'),
      content: invoice,
    });
    expect(paths['/loaded/plain'].get?.responses['200']).toEqual({ description: '', content: invoice });
    expect(paths['/loaded/none'].post?.responses['201']).toEqual({ description: '' });
  });
});
