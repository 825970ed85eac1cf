import { Inject, Injectable } from '@nestjs/common';
import { RequestTokenClock } from '../common/clock.js';
import { REQUEST_TOKEN_SETTINGS } from '../common/constants.js';
import { RequestTokenException } from '../common/exception.js';
import { assertManager } from '../common/given.js';
import { assertScope } from '../common/scope.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import { Operations } from '../operations/operations.js';
import { assertBinding } from '../routes/binding.js';
import { entryOutsideHttp } from '../usage/log-entry.js';
import { type LogSettings, UsageService } from '../usage/usage.service.js';
import { RecipientsOf } from '../users/recipients-of.js';
import { Places } from './places.js';
import { checkRedeemOptions, type RedeemOptions } from './redeem.js';
import { TokenReader } from './token-reader.js';

/** Takes uses outside HTTP, and logs them, and why there was none. */
@Injectable()
export class TokenRedeemer {
  constructor(
    private readonly reader: TokenReader,
    private readonly places: Places,
    private readonly recipients: RecipientsOf,
    private readonly usage: UsageService,
    private readonly operations: Operations,
    private readonly clock: RequestTokenClock,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: LogSettings,
  ) {}

  async redeem(jwt: string, options: RedeemOptions): Promise<RequestToken> {
    checkRedeemOptions(options);
    const { manager, user, scope: givenScope } = options;
    if (givenScope !== undefined) assertScope(givenScope);
    assertManager('redeem', manager);
    const startedAt = this.clock.now();
    let userId: string | null = null;
    try {
      const claims = await this.reader.verify(jwt);
      const { scope, path: target } = this.places.of(options);
      const recipients = await this.recipients.of();
      userId = recipients.givenId(user) ?? claims.aud ?? null;
      assertBinding(claims, { scope, target });
      if (user !== undefined) {
        await recipients.assertIsGiven(user, claims, manager);
        userId = claims.aud ?? null;
      }
      await recipients.load(claims, jwt, manager);
      const log = this.settings.logs
        ? entryOutsideHttp({ tokenId: claims.jti, outcome: 'used', userId, startedAt })
        : undefined;
      const { telemetry } = this.operations;
      const { token } = await telemetry.claim(claims.sub, () =>
        this.usage.takeUse(claims, this.clock.moment(), log, manager),
      );
      telemetry.settled('used', claims.sub);
      return token;
    } catch (error) {
      if (error instanceof RequestTokenException) this.operations.telemetry.refused(error);
      if (error instanceof RequestTokenException && error.claims && this.settings.logs) {
        // Outside the caller's transaction, which this exception will roll back.
        const { code, claims } = error;
        const entry = entryOutsideHttp({
          tokenId: claims.jti,
          outcome: code,
          userId: userId ?? claims.aud ?? null,
          startedAt,
        });
        this.usage.refusing(claims, code, entry)({ statusCode: null, durationMs: null });
      }
      throw error;
    }
  }
}
