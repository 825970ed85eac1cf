import { Injectable, Logger, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { LOG_CONTEXT } from '../common/constants.js';
import { RoutePaths } from './route-paths.js';
import { type DecoratedRoute, RouteTable } from './route-table.js';

/** Looks at the decorated routes at boot, where mistakes are cheap. */
@Injectable()
export class RouteChecks implements OnModuleInit {
  private readonly logger = new Logger(LOG_CONTEXT);

  constructor(
    private readonly table: RouteTable,
    private readonly paths: RoutePaths,
  ) {}

  /**
   * @throws Error for a confirm route that would show a button that leads nowhere, and if the option `routes` tells
   *   of other paths than this app serves
   */
  onModuleInit(): void {
    for (const route of this.table.all()) {
      const { name, requestMethod, options } = route;
      if (options.confirm && requestMethod !== RequestMethod.ALL) {
        throw new Error(
          `${name}: declare a confirm route with @All(), because GET shows its page and POST acts`,
        );
      }
      if (!this.paths.areServedHere) continue;
      this.assertAsTold(route);
      const opensByGet = requestMethod === RequestMethod.GET || requestMethod === RequestMethod.ALL;
      if (opensByGet && !options.confirm && !options.direct) {
        this.logger.warn(
          `${name} (${this.paths.of(route)[0]}): opening the link uses up its token, and mail scanners open every link. ` +
            'Let people confirm it with @All() and confirm: true, or say direct: true if it is meant.',
        );
      }
    }
    for (const name of this.table.overriddenInVain()) {
      this.logger.warn(
        `${name}: it takes the place of a method with @UseRequestToken(), and is open: decorators of a method are not inherited. Decorate it, too.`,
      );
    }
    for (const name of this.table.decoratedInVain()) {
      this.logger.warn(
        `${name}: @UseRequestToken() does nothing here, because this is no HTTP route. Call TokenService.redeem() in the handler.`,
      );
    }
  }

  /** A worker that is told the same would make links that lead nowhere. */
  private assertAsTold(route: DecoratedRoute): void {
    const told = this.paths.asTold(route)?.join(', ');
    const served = this.paths.of(route).join(', ');
    if (told === undefined || told === served) return;
    throw new Error(
      `${route.name} is served on ${served}, and by the option routes of RequestTokenModule it would be on ${told}. ` +
        'Give the same to app.setGlobalPrefix() and app.enableVersioning(), before app.listen(), as to the option; ' +
        'or leave the option to processes that serve no HTTP.',
    );
  }
}
