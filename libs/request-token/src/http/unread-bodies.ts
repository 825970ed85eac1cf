import { Inject, Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { REQUEST_TOKEN_SETTINGS } from '../common/constants.js';
import type { LinkSettings } from '../routes/links.js';
import { RoutePaths } from '../routes/route-paths.js';
import { RouteTable } from '../routes/route-table.js';

interface FastifyRequest {
  method: string;
  query: object;
  is404: boolean;
  routeOptions: { url?: string };
}

type Parser = (
  request: FastifyRequest,
  payload: { resume(): void },
  done: (error: Error | null, body?: unknown) => void,
) => void;

/** What is used of Fastify. */
interface FastifyLike {
  addContentTypeParser(contentType: string, parser: Parser): void;
  addHook(name: 'onReady', hook: (done: () => void) => void): void;
}

/**
 * Mail programs may send their one-click POST as multipart/form-data (RFC 8058 section 3.2), and send other
 * types, or none, as well. Fastify refuses a body for which the app has no parser; Express leaves it unread, and
 * so do routes that are decorated, if the token is in the query: then nobody needs the body.
 */
@Injectable()
export class UnreadBodies implements OnModuleInit {
  private routes?: Set<string>;

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly table: RouteTable,
    private readonly paths: RoutePaths,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: LinkSettings,
  ) {}

  onModuleInit(): void {
    const { httpAdapter } = this.adapterHost;
    if (httpAdapter?.getType() !== 'fastify') return;
    const fastify = httpAdapter.getInstance<FastifyLike>();
    // When all plugins are loaded: one of them may have a catch-all of its own.
    fastify.addHook('onReady', (done) => {
      if (hasCatchAll(fastify) === false) fastify.addContentTypeParser('*', this.parse);
      done();
    });
  }

  private readonly parse: Parser = (request, payload, done) => {
    if (!request.is404 && !this.needsNoBody(request)) return done(unsupported());
    payload.resume();
    done(null);
  };

  private needsNoBody({ method, query, routeOptions }: FastifyRequest): boolean {
    this.routes ??= new Set(
      this.table
        .all()
        .flatMap((route) => this.paths.of(route).map((path) => keyOf(route.requestMethod, path))),
    );
    const { routes } = this;
    const methods = [RequestMethod.ALL, RequestMethod[method as keyof typeof RequestMethod]];
    return (
      Object.hasOwn(query, this.settings.parameter) &&
      methods.some((each) => routes.has(keyOf(each, routeOptions.url)))
    );
  }
}

const keyOf = (method: RequestMethod, path: string | undefined): string => `${method} ${path}`;

/**
 * Whether the app has a parser for whatever no other parser is for; undefined if nobody knows. Fastify does not
 * say so in public, and a second one would take the place of the first without a word.
 */
function hasCatchAll(fastify: object): boolean | undefined {
  const symbol = Object.getOwnPropertySymbols(fastify).find(
    ({ description }) => description === 'fastify.contentTypeParser',
  );
  const parsers = symbol && (fastify as Record<symbol, { customParsers?: unknown }>)[symbol].customParsers;
  return parsers instanceof Map ? parsers.has('') : undefined;
}

/** As Fastify says it. */
const unsupported = (): Error =>
  Object.assign(new Error('Unsupported Media Type'), {
    name: 'FastifyError',
    code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE',
    statusCode: 415,
  });
