import { Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import { compile, pathToRegexp } from 'path-to-regexp';
import { patternOf } from './path-pattern.js';
import type { RouteParts, RouteTarget } from './route.js';
import { RoutePaths } from './route-paths.js';
import { RouteTable } from './route-table.js';

interface CompiledRoute {
  pattern: string;
  scope?: string;
  toPath: ReturnType<typeof compile>;
  parameters: string[];
}

/** Turns a {@link RouteTarget} into the path that Nest serves it on. */
@Injectable()
export class RouteResolver implements OnModuleInit {
  private readonly compiled = new Map<Type<object>, Map<string, CompiledRoute>>();

  constructor(
    private readonly table: RouteTable,
    private readonly paths: RoutePaths,
  ) {}

  /** @throws Error if links were made when main.ts had not yet said all that belongs into them */
  onModuleInit(): void {
    for (const [controller, methods] of this.compiled) {
      for (const [method, { pattern }] of methods) {
        const now = patternOf(this.paths.of(this.table.find(controller, method))[0]);
        if (now === pattern) continue;
        throw new Error(
          `route(${controller.name}, '${method}') was asked for before app.setGlobalPrefix() or app.enableVersioning(), and gave ${pattern} instead of ${now}. ` +
            'Make links later: in onModuleInit, or when the app is initialized.',
        );
      }
    }
  }

  /**
   * @throws Error if there is no such decorated route
   * @throws TypeError if a parameter is missing, or is none of its path
   */
  resolve({ controller, method, parts }: RouteTarget): { path: string; scope?: string } {
    try {
      const { scope, toPath, parameters } = this.compile(controller, method);
      for (const name of Object.keys(parts.params ?? {})) {
        if (!parameters.includes(name)) throw new TypeError(`params.${name} is no parameter of its path`);
      }
      return { path: fill(toPath, parts), scope };
    } catch (error) {
      const message = `route(${controller.name}, '${method}'): ${(error as Error).message}`;
      throw new (error instanceof TypeError ? TypeError : Error)(message, { cause: error });
    }
  }

  /** Kept, because a mailing resolves one route for each of its readers. */
  private compile(controller: Type<object>, method: string): CompiledRoute {
    const known = this.compiled.get(controller)?.get(method);
    if (known) return known;
    const found = this.table.find(controller, method);
    const pattern = patternOf(this.paths.of(found)[0]);
    const parameters = pathToRegexp(pattern).keys.map(({ name }) => name);
    const route = { pattern, scope: found.options.scope, toPath: compile(pattern), parameters };
    const ofController = this.compiled.get(controller) ?? new Map<string, CompiledRoute>();
    this.compiled.set(controller, ofController.set(method, route));
    return route;
  }
}

function fill(toPath: CompiledRoute['toPath'], { params = {}, query = {} }: RouteParts): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const item of [value].flat()) search.append(key, String(item));
  }
  const texts = Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, typeof value === 'number' ? String(value) : value]),
  );
  // A browser would resolve them, and ask for another path than the token is bound to.
  if (
    Object.values(texts)
      .flat()
      .some((text) => text === '.' || text === '..')
  ) {
    throw new Error("'.' and '..' cannot be the value of a parameter");
  }
  const path = toPath(texts as Record<string, string | string[]>);
  return search.size > 0 ? `${path}?${search.toString()}` : path;
}
