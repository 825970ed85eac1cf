import { Inject, Injectable, type RequestMethod, type Type } from '@nestjs/common';
import { MODULE_PATH, PATH_METADATA, VERSION_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';
import { REQUEST_TOKEN_SETTINGS } from '../common/constants.js';
import { configOf, type RouteSettings } from './api-routes.js';

/** A method of a controller that is a route. */
export interface ServedMethod {
  controller: Type<object>;
  handler: object;
  requestMethod: RequestMethod;
  /** The module that declares the controller. */
  module: object;
}

/**
 * On which paths routes are served: by this app, if it has an HTTP adapter, and else by the app that the option
 * `routes` tells of.
 */
@Injectable()
export class RoutePaths {
  /** Of the app that the option tells of. */
  private told?: ApplicationConfig;

  constructor(
    private readonly config: ApplicationConfig,
    private readonly adapterHost: HttpAdapterHost,
    private readonly modules: ModulesContainer,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: RouteSettings,
  ) {}

  /** Whether this app serves routes itself. A testing module does so from `createNestApplication` on. */
  get areServedHere(): boolean {
    return Boolean(this.adapterHost.httpAdapter);
  }

  /**
   * In the notation of the app's adapter; the first is the one links are made of.
   *
   * @throws Error where nobody has told what the API looks like
   */
  of(method: ServedMethod): string[] {
    if (this.areServedHere) return this.under(this.config, method);
    const paths = this.asTold(method);
    if (paths) return paths;
    throw new Error(
      'this process serves no HTTP, as one by createApplicationContext or createMicroservice, so it does not know the ' +
        'global prefix and the versions of the API. Give RequestTokenModule the option routes, with what main.ts of the API ' +
        'says: routes: { globalPrefix, versioning }, or routes: {} if it says neither. Or give issue a path and a scope',
    );
  }

  /** As the option `routes` has them; undefined without it. */
  asTold(method: ServedMethod): string[] | undefined {
    const { routes } = this.settings;
    return routes && this.under((this.told ??= configOf(routes)), method);
  }

  private under(
    config: ApplicationConfig,
    { controller, handler, requestMethod, module }: ServedMethod,
  ): string[] {
    const paths = new RoutePathFactory(config);
    const versioningOptions = config.getVersioning();
    return (pathsOf(controller) ?? ['']).flatMap((ctrlPath) =>
      (pathsOf(handler) ?? []).flatMap((methodPath) =>
        paths.create(
          {
            ctrlPath,
            methodPath,
            globalPrefix: config.getGlobalPrefix(),
            modulePath: this.modulePath(module),
            controllerVersion:
              versioningOptions && (versionOf(controller) ?? versioningOptions.defaultVersion),
            methodVersion: versionOf(handler),
            versioningOptions,
          },
          requestMethod,
        ),
      ),
    );
  }

  /** As Nest's own RoutesResolver reads it: RouterModule keeps a path per application. */
  private modulePath(module: object): string | undefined {
    return (Reflect.getMetadata(MODULE_PATH + this.modules.applicationId, module) ??
      Reflect.getMetadata(MODULE_PATH, module)) as string | undefined;
  }
}

type Version = NonNullable<Parameters<RoutePathFactory['create']>[0]['methodVersion']>;

const versionOf = (target: object) => Reflect.getMetadata(VERSION_METADATA, target) as Version | undefined;

/** As its decorator says them; undefined for what is no route. */
export function pathsOf(target: object): string[] | undefined {
  const path = Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined;
  return path === undefined ? undefined : [path].flat();
}
