import { Injectable, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { REQUEST_TOKEN_ROUTE } from '../common/constants.js';
import { isOverriddenInVain, type RouteOptions, routeOptions } from './metadata.js';
import { pathsOf, type ServedMethod } from './route-paths.js';

/** A route that is decorated with `@UseRequestToken()`. */
export interface DecoratedRoute extends ServedMethod {
  /** `Controller.method`, for messages. */
  name: string;
  method: string;
  options: RouteOptions;
}

/** Which routes are decorated. */
@Injectable()
export class RouteTable {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

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
    if (!host) {
      throw new Error(
        `${controller.name} is not a controller of this app; import the module that declares it, or give issue a path and a scope`,
      );
    }
    const options = routeOptions(handler, controller);
    if (!options) throw new Error(`${name} is not decorated with @UseRequestToken()`);
    if (!pathsOf(handler)) throw new Error(`${name} is not a route`);
    const requestMethod = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod;
    return { name, controller, method, handler, requestMethod, module: host.metatype, options };
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

function handlerOf(controller: Type<object>, method: string): object | undefined {
  const handler = (controller.prototype as Record<string, unknown> | undefined)?.[method];
  return typeof handler === 'function' ? handler : undefined;
}
