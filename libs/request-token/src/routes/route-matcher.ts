import { Injectable } from '@nestjs/common';
import { match } from 'path-to-regexp';
import { patternOf } from './path-pattern.js';
import { RoutePaths } from './route-paths.js';
import { type DecoratedRoute, RouteTable } from './route-table.js';

type Matcher = ReturnType<typeof match>;

/** Tells which decorated routes a path leads to. */
@Injectable()
export class RouteMatcher {
  private routes?: { route: DecoratedRoute; matchers: Matcher[] }[];

  constructor(
    private readonly table: RouteTable,
    private readonly paths: RoutePaths,
  ) {}

  matching(path: string): DecoratedRoute[] {
    // Kept, because a mailing asks for each of its mails.
    this.routes ??= this.table
      .all()
      .map((route) => ({ route, matchers: this.paths.of(route).flatMap(matcherOf) }));
    return this.routes
      .filter(({ matchers }) => matchers.some((isMatch) => isMatch(path) !== false))
      .map(({ route }) => route);
  }
}

/** None for a path that only Fastify can read, such as one with a regular expression: the others still have theirs. */
function matcherOf(path: string): Matcher[] {
  try {
    return [match(patternOf(path))];
  } catch {
    return [];
  }
}
