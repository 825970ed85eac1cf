import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { type IssuedToken, TokenService } from 'nestjs-request-token';
import { linkBase } from '../config/address.js';
import { AppConfig } from '../config/app-config.js';
import { bearsOneClick } from './one-click-link.js';

/** The header fields with which mail programs offer to unsubscribe with one click (RFC 8058). */
@Injectable()
export class OneClickHeaders implements OnApplicationBootstrap {
  private readonly logger = new Logger('Mailings');
  private readonly linkBase: string;

  constructor(
    config: AppConfig,
    private readonly tokens: TokenService,
  ) {
    this.linkBase = linkBase(config);
  }

  /** Said once, because it is the same for every mail. */
  onApplicationBootstrap(): void {
    if (bearsOneClick(this.linkBase)) return;
    this.logger.warn(
      `Mails do not offer one-click unsubscription, because links begin with ${this.linkBase}: ` +
        'set BASE_URL to an https address.',
    );
  }

  /** @param unsubscribe a token that unsubscribes; none if its link is not secure enough */
  of(unsubscribe: IssuedToken): Record<string, string> {
    return bearsOneClick(this.linkBase) ? { ...this.tokens.listUnsubscribe(unsubscribe) } : {};
  }
}
