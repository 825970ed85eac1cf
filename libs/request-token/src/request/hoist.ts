import { Inject, Injectable } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { REQUEST_TOKEN_READY } from '../common/constants.js';
import { RouteTable } from '../routes/route-table.js';
import { gateLast } from './gate.js';
import { RequestTokenExceptionFilter } from './request-token.filter.js';
import { RequestTokenGuard } from './request-token.guard.js';
import type { RequestSettings } from './settings.js';

/**
 * Puts the guard before whatever the app registers, and the gate behind all guards, in which order ever it
 * imports its modules: here they come before APP_GUARD providers, which Nest adds when all instances are
 * made, and in time for the routes. Whether it worked is known when all of the app's hooks have had their turn.
 */
@Injectable()
export class Hoist {
  constructor(
    config: ApplicationConfig,
    routes: RouteTable,
    guard: RequestTokenGuard,
    filter: RequestTokenExceptionFilter,
    @Inject(REQUEST_TOKEN_READY) { hoistGuard }: RequestSettings,
  ) {
    if (hoistGuard) config.getGlobalGuards().unshift(guard);
    for (const handler of routes.handlers()) gateLast(handler);
    // Of filters the last one is asked first, and the app's own should have the first say.
    config.getGlobalFilters().unshift(filter);
  }
}
