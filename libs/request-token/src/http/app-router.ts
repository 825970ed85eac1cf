import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { REQUEST_TOKEN_SETTINGS } from '../common/constants.js';
import type { LinkSettings } from '../routes/links.js';
import { belowMount, queryStart, requestPath } from '../routes/request-url.js';
import { type ExpressLike, ExpressRouter } from './express-router.js';
import { type FastifyLike, FastifyRouter } from './fastify-router.js';
import type { RequestFacts } from './request.js';
import { type Router, UnknownRouter } from './router.js';

/** The router of the app, whatever its platform; none where an app serves nothing, such as a worker. */
@Injectable()
export class AppRouter implements OnModuleInit {
  private router?: Router;

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: LinkSettings,
  ) {
    // In time for the app's routes. A testing module has no adapter yet; nor has Nest 11.0 the observable.
    if (adapterHost.httpAdapter) this.find(!adapterHost.listening);
    else adapterHost.init$?.subscribe(() => this.find(true));
  }

  onModuleInit(): void {
    if (!this.router) this.find(false);
  }

  /** Where a request leads, as the app's routes see it. */
  locate(request: object): Pick<RequestFacts, 'url' | 'path'> {
    const router = this.router as Router;
    const sent = router.urlOf(request);
    const end = queryStart(sent, router.splitsAtSemicolon);
    const mount = router.mountOf(request);
    const fullPath = requestPath(sent, end);
    const path = mount === '' ? fullPath : belowMount(fullPath, mount, this.settings.baseUrl.pathname);
    return { url: end === sent.length ? path : `${path}?${sent.slice(end + 1)}`, path };
  }

  /** As {@link Router.leadsToSame}. */
  leadsToSame(request: object, path: string, other: string): boolean {
    return this.router?.leadsToSame(request, path, other) ?? false;
  }

  /** @throws TypeError for the path of a link that could not work, whoever opens it */
  assertReachable(path: string, params: readonly string[] = []): void {
    const problem = this.router?.problemOf(path, params);
    if (problem !== undefined) throw new TypeError(`target ${path} ${problem}`);
  }

  private find(isInTime: boolean): void {
    const { httpAdapter } = this.adapterHost;
    if (httpAdapter) this.router = routerOf(httpAdapter, isInTime);
  }
}

function routerOf(adapter: HttpAdapterHost['httpAdapter'], isInTime: boolean): Router {
  const type = adapter.getType();
  if (type === 'express') return new ExpressRouter(adapter.getInstance<ExpressLike>());
  if (type === 'fastify') return new FastifyRouter(adapter.getInstance<FastifyLike>(), isInTime);
  return new UnknownRouter(adapter);
}
