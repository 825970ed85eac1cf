import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { REQUEST_TOKEN_SETTINGS } from './request-token.constants.js';
import { claimLast, claimsLast } from './request-token.claim-guard.js';
import { RequestTokenExceptionFilter } from './request-token.filter.js';
import { RequestTokenGuard } from './request-token.guard.js';
import { RequestTokenInterceptor } from './request-token.interceptor.js';
import type { RequestTokenSettings } from './request-token.settings.js';
import { RouteTable } from './routes/route-table.js';

/**
 * Puts the guard before whatever the app registers, and the claim behind all guards, in which order ever it
 * imports its modules: here they come before APP_GUARD providers, which Nest adds when all instances are
 * made, and in time for the routes. Whether it worked is known when all of the app's hooks have had their turn.
 */
@Injectable()
export class RequestTokenHoist implements OnApplicationBootstrap {
  constructor(
    private readonly config: ApplicationConfig,
    private readonly routes: RouteTable,
    guard: RequestTokenGuard,
    filter: RequestTokenExceptionFilter,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: RequestTokenSettings,
  ) {
    if (settings.hoistGuard) {
      config.getGlobalGuards().unshift(guard);
      for (const handler of routes.handlers()) claimLast(handler);
    }
    // Of filters the last one is asked first, and the app's own should have the first say.
    config.getGlobalFilters().unshift(filter);
  }

  /** @throws Error if decorated routes would be served without a check, or after other guards */
  onApplicationBootstrap(): void {
    const guards = this.config.getGlobalGuards();
    if (this.settings.hoistGuard) {
      if (guards[0] instanceof RequestTokenGuard && this.routes.handlers().every(claimsLast)) return;
      throw new Error(
        'RequestTokenModule could not put its guards first and last: another module does the same. ' +
          'Say hoistGuard: false, and register RequestTokenGuard and RequestTokenInterceptor where they belong: ' +
          REGISTRATION,
      );
    }
    const isGuarded = guards.some((guard) => guard instanceof RequestTokenGuard);
    const isIntercepted = this.config
      .getGlobalInterceptors()
      .some((each) => each instanceof RequestTokenInterceptor);
    if (!isGuarded || !isIntercepted) {
      throw new Error(
        `With hoistGuard: false, register the guard and the interceptor yourself: ${REGISTRATION}`,
      );
    }
  }
}

const REGISTRATION =
  '{ provide: APP_GUARD, useExisting: RequestTokenGuard }, { provide: APP_INTERCEPTOR, useExisting: RequestTokenInterceptor }';
