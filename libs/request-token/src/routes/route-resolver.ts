import { Injectable, type RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, MODULE_PATH, PATH_METADATA, VERSION_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, DiscoveryService, ModulesContainer } from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';
import { compile } from 'path-to-regexp';
import { routeOptions } from '../request-token.metadata.js';
import type { RouteParts, RouteTarget } from './route.js';

interface ResolvedRoute {
  scope?: string;
  toPath: ReturnType<typeof compile>;
}

/** Turns a {@link RouteTarget} into the path that Nest serves it on. */
@Injectable()
export class RouteResolver {
  private readonly resolved = new Map<object, ResolvedRoute>();
  private readonly paths: RoutePathFactory;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly modules: ModulesContainer,
    private readonly config: ApplicationConfig,
  ) {
    this.paths = new RoutePathFactory(config);
  }

  /** @throws Error if there is no such decorated route, or a parameter is missing */
  resolve({ controller, method, parts }: RouteTarget): { path: string; scope?: string } {
    const handler = (controller.prototype as Record<string, unknown> | undefined)?.[method];
    const name = `${controller.name}.${method}`;
    if (typeof handler !== 'function') throw new Error(`route(): there is no method ${name}`);
    let route = this.resolved.get(handler);
    if (!route) {
      route = this.find(controller, handler, name);
      this.resolved.set(handler, route);
    }
    return { path: fill(route, parts, name), scope: route.scope };
  }

  private find(controller: Type<object>, handler: object, name: string): ResolvedRoute {
    const host = this.discovery.getControllers().find(({ metatype }) => metatype === controller)?.host;
    if (!host) throw new Error(`route(): ${controller.name} is not a controller of this app`);
    const options = routeOptions(handler, controller);
    if (!options) throw new Error(`route(): ${name} is not decorated with @UseRequestToken()`);
    const methodPath = Reflect.getMetadata(PATH_METADATA, handler) as string | string[] | undefined;
    if (methodPath === undefined) throw new Error(`route(): ${name} is not a route`);

    const versioningOptions = this.config.getVersioning();
    const [template] = this.paths.create(
      {
        ctrlPath: first(Reflect.getMetadata(PATH_METADATA, controller) as string | string[]),
        methodPath: first(methodPath),
        globalPrefix: this.config.getGlobalPrefix(),
        modulePath: this.modulePath(host.metatype),
        controllerVersion: versioningOptions && (version(controller) ?? versioningOptions.defaultVersion),
        methodVersion: version(handler),
        versioningOptions,
      },
      Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod,
    );
    return { scope: options.scope, toPath: compile(template) };
  }

  /** As Nest's own RoutesResolver reads it: RouterModule keeps a path per application. */
  private modulePath(module: object): string | undefined {
    return (Reflect.getMetadata(MODULE_PATH + this.modules.applicationId, module) ??
      Reflect.getMetadata(MODULE_PATH, module)) as string | undefined;
  }
}

type Version = NonNullable<Parameters<RoutePathFactory['create']>[0]['methodVersion']>;

const version = (target: object) => Reflect.getMetadata(VERSION_METADATA, target) as Version | undefined;

const first = (path: string | string[]): string => (Array.isArray(path) ? path[0] : path);

function fill({ toPath }: ResolvedRoute, { params = {}, query = {} }: RouteParts, name: string): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const item of [value].flat()) search.append(key, String(item));
  }
  const texts = Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, typeof value === 'number' ? String(value) : value]),
  );
  try {
    const path = toPath(texts as Record<string, string | string[]>);
    return search.size > 0 ? `${path}?${search.toString()}` : path;
  } catch (error) {
    throw new Error(`route(): ${name}: ${(error as Error).message}`, { cause: error });
  }
}
