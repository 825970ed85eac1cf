import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleInit, Scope } from '@nestjs/common';
import { ApplicationConfig, ModuleRef } from '@nestjs/core';
import { REQUEST_TOKEN_SETTINGS } from '../common/constants.js';
import { RouteTable } from '../routes/route-table.js';
import { isGatedLast } from './gate.js';
import { Hoist } from './hoist.js';
import { RequestTokenGuard } from './request-token.guard.js';
import { RequestTokenInterceptor } from './request-token.interceptor.js';
import type { RequestSettings } from './settings.js';

const REGISTRATION =
  '{ provide: APP_GUARD, useExisting: RequestTokenGuard }, { provide: APP_INTERCEPTOR, useExisting: RequestTokenInterceptor }';

/**
 * Whether decorated routes will be checked, in the right order. It depends on nothing that an app provides, so
 * that there is no app in which it is not asked.
 */
@Injectable()
export class BootChecks implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly config: ApplicationConfig,
    private readonly routes: RouteTable,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: RequestSettings,
  ) {}

  /** @throws Error if Nest does not make the module's providers when the app starts */
  onModuleInit(): void {
    if (this.moduleRef.introspect(Hoist).scope !== Scope.DEFAULT) {
      throw new Error(
        'RequestTokenModule depends on something that is made for each request, and would check nothing: ' +
          'its TypeORM DataSource. Give the module one that is made when the app starts.',
      );
    }
    const [replaced] = this.routes.replacedOnInstances();
    if (replaced !== undefined) {
      throw new Error(
        `${replaced}: its instance has a function of its own in the place of this method, bound in the constructor, ` +
          'say. Nest reads no decorator of that, so that no guard would run. Leave the method as it is; Nest binds it.',
      );
    }
  }

  /** @throws Error if decorated routes would be served without a check, or after other guards */
  onApplicationBootstrap(): void {
    const guards = this.config.getGlobalGuards();
    if (this.settings.hoistGuard) {
      const isFirst = guards[0] === this.moduleRef.get(RequestTokenGuard);
      if (isFirst && this.routes.handlers().every(isGatedLast)) return;
      throw new Error(
        'RequestTokenModule could not put its guards first and last: another module does the same, or it is ' +
          'registered twice. Register it once. If it is another module, say hoistGuard: false, and register RequestTokenGuard and RequestTokenInterceptor where they belong: ' +
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
