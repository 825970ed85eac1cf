import { Injectable, Logger, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { RouteTable } from './route-table.js';

/** Looks at the decorated routes at boot, where mistakes are cheap. */
@Injectable()
export class RouteChecks implements OnModuleInit {
  private readonly logger = new Logger(RouteChecks.name);

  constructor(private readonly table: RouteTable) {}

  /** @throws Error for a confirm route that would show a button that leads nowhere */
  onModuleInit(): void {
    for (const { name, requestMethod, paths, options } of this.table.all()) {
      if (options.confirm && requestMethod !== RequestMethod.ALL) {
        throw new Error(
          `${name}: declare a confirm route with @All(), because GET shows its page and POST acts`,
        );
      }
      const opensByGet = requestMethod === RequestMethod.GET || requestMethod === RequestMethod.ALL;
      if (opensByGet && !options.confirm && !options.direct) {
        this.logger.warn(
          `${name} (${paths[0]}): opening the link uses up its token, and mail scanners open every link. ` +
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
}
