import { Injectable } from '@nestjs/common';
import { RequestTokenClock } from '../common/clock.js';
import { RequestTokenException } from '../common/exception.js';
import { rowProblem } from '../entities/token-state.js';
import { UsageService } from '../usage/usage.service.js';
import { RecipientsOf } from '../users/recipients-of.js';
import type { Inspection } from './inspection.js';
import { TokenReader } from './token-reader.js';

/** A link of unlimited uses may have been opened any number of times. */
const INSPECTED_LOGS = 1_000;

/** Tells what is known of a link, in the order in which a request would ask. */
@Injectable()
export class TokenInspector {
  constructor(
    private readonly reader: TokenReader,
    private readonly usage: UsageService,
    private readonly recipients: RecipientsOf,
    private readonly clock: RequestTokenClock,
  ) {}

  async inspect(jwtOrUrl: string): Promise<Inspection> {
    const found: Inspection = { claims: null, token: null, logs: [], usable: false };
    try {
      const { jwt, claims, refusal } = await this.reader.read(jwtOrUrl);
      found.claims = claims;
      const { row, state, logs } = await this.usage.explain(claims, INSPECTED_LOGS);
      found.token = row ?? (claims.dfr ? undefined : null);
      if (!row && claims.dfr) found.deferred = state;
      found.logs = logs;
      if (refusal) throw refusal;
      const recipients = await this.recipients.of();
      await recipients.load(claims, jwt);
      const problem = rowProblem(state, this.clock.moment());
      if (problem) throw new RequestTokenException(problem);
      return { ...found, usable: true };
    } catch (error) {
      if (error instanceof RequestTokenException) return { ...found, code: error.code };
      throw error;
    }
  }
}
