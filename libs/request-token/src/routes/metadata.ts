import type { Type } from '@nestjs/common';
import { REQUEST_TOKEN_ROUTE } from '../common/constants.js';
import type { UseRequestTokenOptions } from './route-options.js';

/** What holds for a route: its own options over those of its controller, and the defaults. */
export type RouteOptions = Required<Omit<UseRequestTokenOptions, 'scope'>> & { scope?: string };

const DEFAULTS: RouteOptions = {
  required: true,
  onInvalid: 'refuse',
  confirm: false,
  direct: false,
  log: true,
  releaseOnFailure: true,
};

type Declared = UseRequestTokenOptions | undefined;

/** What a decorator says of a controller, beside what another one has said; the later has the last say. */
export function declareController(options: UseRequestTokenOptions, controller: object): void {
  Reflect.defineMetadata(REQUEST_TOKEN_ROUTE, { ...ownOptions(controller), ...options }, controller);
}

/**
 * As {@link declareController}, of a method. It is kept with the method's name, because a function may serve
 * several controllers; and with the function, for whatever takes the function along and not the name.
 *
 * @throws TypeError if the function is decorated under another name, too: a request does not tell which is meant
 */
export function declareMethod(
  options: UseRequestTokenOptions,
  prototype: object,
  method: string | symbol,
  handler: object,
): void {
  const other = namesOf(handler, prototype).find((name) => name !== method && ownOptions(prototype, name));
  if (other !== undefined) {
    throw new TypeError(
      `@UseRequestToken(): ${other} and ${String(method)} are one function; give each route a method of its own`,
    );
  }
  const merged = { ...ownOptions(prototype, method), ...options };
  Reflect.defineMetadata(REQUEST_TOKEN_ROUTE, merged, prototype, method);
  Reflect.defineMetadata(REQUEST_TOKEN_ROUTE, merged, handler);
}

/**
 * The only place that reads what `@UseRequestToken()` left: on a controller, on those that it extends, and on
 * the method, which has the last say.
 */
export function routeOptions(handler: object, controller: Type): RouteOptions | undefined {
  const declared = [
    ...lineage(controller).map((type) => ownOptions(type)),
    methodOptions(handler, controller),
  ];
  if (!declared.some(Boolean)) return undefined;
  return declared.reduce<RouteOptions>((merged, options) => ({ ...merged, ...options }), DEFAULTS);
}

/**
 * Of the method that the handler is, or has taken the place of: decorators, instrumentation and constructors wrap
 * and bind methods, and not all of them pass metadata on. A handler that cannot be told from the decorated ones
 * of its class counts as one of them.
 */
function methodOptions(handler: object, controller: Type): Declared {
  const ofHandler = Reflect.getMetadata(REQUEST_TOKEN_ROUTE, handler) as Declared;
  const prototypes = prototypesOf(controller);
  for (const prototype of prototypes) {
    const [name] = namesOf(handler, prototype);
    if (name !== undefined) return ownOptions(prototype, name) ?? ofHandler;
  }
  const name = (handler as { name: string }).name.replace(/^bound /, '');
  const namesake = prototypes.find((prototype) => Object.hasOwn(prototype, name));
  if (namesake) return ownOptions(namesake, name) ?? ofHandler;
  return ofHandler ?? (prototypes.some(hasDecoratedMethods) ? {} : undefined);
}

/** Whether a method takes the place of a decorated one of a class that its own extends, and is not decorated. */
export function isOverriddenInVain(controller: Type, method: string): boolean {
  const [own, ...others] = prototypesOf(controller);
  const isDecorated = (prototype: object) => ownOptions(prototype, method) !== undefined;
  return (
    Object.hasOwn(own, method) &&
    !isDecorated(own) &&
    others.some(isDecorated) &&
    !routeOptions((own as Record<string, object>)[method], controller)
  );
}

/** Of the class itself first. */
const prototypesOf = (controller: Type): object[] =>
  lineage(controller)
    .map(({ prototype }) => prototype as object)
    .reverse();

/** The names of the methods that are this function. */
const namesOf = (handler: object, prototype: object): string[] =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([, { value }]) => value === handler)
    .map(([name]) => name);

const hasDecoratedMethods = (prototype: object): boolean =>
  Object.keys(Object.getOwnPropertyDescriptors(prototype)).some((name) => ownOptions(prototype, name));

/** A class after those that it extends. */
function lineage(type: Type): Type[] {
  const parent = Object.getPrototypeOf(type) as Type | null;
  return parent?.prototype ? [...lineage(parent), type] : [type];
}

function ownOptions(target: object, method?: string | symbol): Declared {
  return (
    method === undefined
      ? Reflect.getOwnMetadata(REQUEST_TOKEN_ROUTE, target)
      : Reflect.getOwnMetadata(REQUEST_TOKEN_ROUTE, target, method)
  ) as Declared;
}

/** {@link routeOptions}, remembered: metadata are slow, and every request to every route asks for them. */
export class RouteOptionsCache {
  private readonly byHandler = new WeakMap<object, Map<Type, RouteOptions | undefined>>();

  of(handler: object, controller: Type): RouteOptions | undefined {
    const known = this.byHandler.get(handler);
    if (known?.has(controller)) return known.get(controller);
    const options = routeOptions(handler, controller);
    this.byHandler.set(handler, (known ?? new Map<Type, typeof options>()).set(controller, options));
    return options;
  }
}
