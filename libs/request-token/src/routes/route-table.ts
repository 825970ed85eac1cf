import { Injectable, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, MODULE_PATH, PATH_METADATA, VERSION_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, DiscoveryService, MetadataScanner, ModulesContainer } from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';
import { REQUEST_TOKEN_ROUTE } from '../common/constants.js';
import { isOverriddenInVain, type RequestTokenRouteOptions, routeOptions } from './metadata.js';

/** A route that is decorated with `@UseRequestToken()`. */
export interface DecoratedRoute {
  /** `Controller.method`, for messages. */
  name: string;
  controller: Type<object>;
  method: string;
  handler: object;
  requestMethod: RequestMethod;
  /** Every path it is served on, in the notation of the app's adapter; the first is the one links are made of. */
  paths: string[];
  options: RequestTokenRouteOptions;
}

/** Which routes are decorated, and where Nest serves them. */
@Injectable()
export class RouteTable {
  private readonly paths: RoutePathFactory;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly modules: ModulesContainer,
    private readonly config: ApplicationConfig,
    private readonly scanner: MetadataScanner,
  ) {
    this.paths = new RoutePathFactory(config);
  }

  all(): DecoratedRoute[] {
    return this.decorated().map(({ controller, method }) => this.find(controller, method));
  }

  /** The methods of decorated routes; asks nothing that is not known before the app is. */
  handlers(): object[] {
    return this.decorated().map(({ handler }) => handler);
  }

  /** Names of decorated routes whose controller has another function in their place, of which Nest reads nothing. */
  replacedOnInstances(): string[] {
    return this.discovery.getControllers().flatMap(({ metatype, instance }) => {
      const own = (instance ?? {}) as Record<string, unknown>;
      return this.decorated()
        .filter(({ controller, method, handler }) => {
          return controller === metatype && Object.hasOwn(own, method) && own[method] !== handler;
        })
        .map(({ controller, method }) => `${controller.name}.${method}`);
    });
  }

  /** Names of routes that are not decorated, and take the place of one that is, of a class that theirs extends. */
  overriddenInVain(): string[] {
    return this.discovery.getControllers().flatMap(({ metatype }) => {
      const controller = metatype as Type<object>;
      return this.scanner
        .getAllMethodNames(controller.prototype as object)
        .filter((method) => {
          const handler = handlerOf(controller, method);
          return handler && pathsOf(handler) && isOverriddenInVain(controller, method);
        })
        .map((method) => `${controller.name}.${method}`);
    });
  }

  /**
   * Names of methods that are decorated, by themselves or with their class, and no routes: of resolvers, gateways,
   * message handlers.
   */
  decoratedInVain(): string[] {
    return [...this.discovery.getProviders(), ...this.discovery.getControllers()].flatMap(({ metatype }) => {
      const type = metatype as Type<object> | undefined;
      if (!type?.prototype) return [];
      return this.scanner
        .getAllMethodNames(type.prototype as object)
        .filter((method) => {
          const handler = handlerOf(type, method);
          return (
            handler &&
            !pathsOf(handler) &&
            (Reflect.hasMetadata(REQUEST_TOKEN_ROUTE, handler) ||
              (isMessageHandler(handler) && routeOptions(handler, type)))
          );
        })
        .map((method) => `${type.name}.${method}`);
    });
  }

  /** @throws Error if there is no such route, or it is not decorated */
  find(controller: Type<object>, method: string): DecoratedRoute {
    const name = `${controller.name}.${method}`;
    const handler = handlerOf(controller, method);
    if (!handler) throw new Error(`there is no method ${name}`);
    const host = this.discovery.getControllers().find(({ metatype }) => metatype === controller)?.host;
    if (!host) throw new Error(`${controller.name} is not a controller of this app`);
    const options = routeOptions(handler, controller);
    if (!options) throw new Error(`${name} is not decorated with @UseRequestToken()`);
    const methodPaths = pathsOf(handler);
    if (!methodPaths) throw new Error(`${name} is not a route`);

    const requestMethod = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod;
    const versioningOptions = this.config.getVersioning();
    const paths = (pathsOf(controller) ?? ['']).flatMap((ctrlPath) =>
      methodPaths.flatMap((methodPath) =>
        this.paths.create(
          {
            ctrlPath,
            methodPath,
            globalPrefix: this.config.getGlobalPrefix(),
            modulePath: this.modulePath(host.metatype),
            controllerVersion:
              versioningOptions && (versionOf(controller) ?? versioningOptions.defaultVersion),
            methodVersion: versionOf(handler),
            versioningOptions,
          },
          requestMethod,
        ),
      ),
    );
    return { name, controller, method, handler, requestMethod, paths, options };
  }

  private decorated(): Pick<DecoratedRoute, 'controller' | 'method' | 'handler'>[] {
    return this.discovery.getControllers().flatMap(({ metatype }) => {
      const controller = metatype as Type<object>;
      return this.scanner.getAllMethodNames(controller.prototype as object).flatMap((method) => {
        const handler = handlerOf(controller, method);
        return handler && pathsOf(handler) && routeOptions(handler, controller)
          ? [{ controller, method, handler }]
          : [];
      });
    });
  }

  /** As Nest's own RoutesResolver reads it: RouterModule keeps a path per application. */
  private modulePath(module: object): string | undefined {
    return (Reflect.getMetadata(MODULE_PATH + this.modules.applicationId, module) ??
      Reflect.getMetadata(MODULE_PATH, module)) as string | undefined;
  }
}

/** What the decorators of message handlers, gateways and resolvers leave on a method; their packages are optional. */
const MESSAGE_METADATA = [
  'microservices:pattern',
  'websockets:message_mapping',
  'graphql:resolver_type',
  'graphql:resolve_property',
  'graphql:resolve_reference',
];

const isMessageHandler = (handler: object): boolean =>
  MESSAGE_METADATA.some((key) => Reflect.hasMetadata(key, handler));

type Version = NonNullable<Parameters<RoutePathFactory['create']>[0]['methodVersion']>;

const versionOf = (target: object) => Reflect.getMetadata(VERSION_METADATA, target) as Version | undefined;

function pathsOf(target: object): string[] | undefined {
  const path = Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined;
  return path === undefined ? undefined : [path].flat();
}

function handlerOf(controller: Type<object>, method: string): object | undefined {
  const handler = (controller.prototype as Record<string, unknown> | undefined)?.[method];
  return typeof handler === 'function' ? handler : undefined;
}
