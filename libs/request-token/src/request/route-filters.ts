import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable, type Type } from '@nestjs/common';
import { EXCEPTION_FILTERS_METADATA, FILTER_CATCH_EXCEPTIONS } from '@nestjs/common/constants.js';
import { ApplicationConfig } from '@nestjs/core';
import { RequestTokenException, RequestTokenUnavailableException } from '../common/exception.js';
import { attemptOf } from '../http/attempt.js';
import { RouteTable } from '../routes/route-table.js';
import { RequestTokenExceptionFilter } from './request-token.filter.js';

/**
 * Stands on a decorated route, and hands what it catches to the filter of the app whose guard has checked the
 * request: a function can be a route of several apps in one process.
 */
abstract class RouteFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): unknown {
    // A handler can be one of messages, too. These are answered as if there were no filter; what is thrown, never.
    if (host.getType() !== 'http') return undefined;
    const attempt = attemptOf(host.getArgByIndex<object>(0));
    // In an app without the module: left to the filters that the app has for all that is thrown.
    if (!attempt) throw exception;
    return attempt.filter.catch(exception, host);
  }
}

@Catch(RequestTokenException)
class RefusalFilter extends RouteFilter {}

@Catch(RequestTokenUnavailableException)
class UnavailableFilter extends RouteFilter {}

/** One for each, because an app may name the one and not the other. */
const FILTERS = [
  { failure: RequestTokenException, filter: new RefusalFilter() },
  { failure: RequestTokenUnavailableException, filter: new UnavailableFilter() },
];

/**
 * Puts filters on decorated routes that come before all others, because those that catch everything, as many apps
 * have one, would answer people with JSON, and some with the token in it. An app that names what they catch is left
 * to the order that Nest has for its filters.
 */
@Injectable()
export class RouteFilters {
  constructor(
    private readonly config: ApplicationConfig,
    private readonly routes: RouteTable,
  ) {}

  /** When main.ts has said all that it says, and Nest has not yet made the routes. */
  place(): void {
    const global = [
      ...this.config.getGlobalFilters(),
      ...this.config.getGlobalRequestFilters().map(({ metatype }) => metatype),
    ].filter((filter) => classOf(filter) !== RequestTokenExceptionFilter);
    const controllers = new Map<object, Type<object>[]>();
    for (const { handler, controller } of this.routes.all()) {
      controllers.set(handler, [...(controllers.get(handler) ?? []), controller]);
    }
    for (const [handler, serving] of controllers) {
      const own = filtersOf(handler).filter((filter) => !(filter instanceof RouteFilter));
      const named = [...global, ...serving.flatMap(filtersOf), ...own].flatMap(caughtBy);
      const ours = FILTERS.filter(({ failure }) => !named.includes(failure)).map(({ filter }) => filter);
      // Of filters the last one is asked first.
      Reflect.defineMetadata(EXCEPTION_FILTERS_METADATA, [...own, ...ours], handler);
    }
  }
}

const filtersOf = (target: object): unknown[] =>
  (Reflect.getMetadata(EXCEPTION_FILTERS_METADATA, target) as unknown[] | undefined) ?? [];

const caughtBy = (filter: unknown): unknown[] =>
  (Reflect.getMetadata(FILTER_CATCH_EXCEPTIONS, classOf(filter)) as unknown[] | undefined) ?? [];

/** Filters are given as classes or as objects. */
const classOf = (filter: unknown): object =>
  typeof filter === 'function' ? filter : (filter as object).constructor;
