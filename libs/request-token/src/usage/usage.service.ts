import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type RequestTokenErrorCode, RequestTokenException } from '../request-token.exception.js';
import type { RequestTokenClaims } from '../token/claims.js';
import { type Moment, rowProblem } from '../token/token-state.js';
import { type Claim, type LogEntry, type Settlement, UsageStore } from './usage.store.js';

/** The facts of an attempt that its log row keeps. */
export type Visit = Pick<LogEntry, 'userId' | 'clientIp' | 'userAgent' | 'method' | 'path' | 'startedAt'>;

/** How long a shutdown waits for uses whose handler goes on although its client has left. */
const DRAIN_TIMEOUT_MS = 5_000;

/** Takes uses, refuses them, and settles them behind the response's back. */
@Injectable()
export class UsageService implements OnApplicationShutdown {
  private readonly logger = new Logger(UsageService.name);
  private readonly unsettled = new Set<Promise<void>>();

  constructor(private readonly store: UsageStore) {}

  /**
   * Takes one use, and writes its log row unless `visit` is left out. One round trip, two for a refusal.
   *
   * @throws RequestTokenException `token_exhausted`, `token_revoked`, `token_expired`,
   *   `token_not_yet_valid`, `token_unknown`
   */
  async claim(
    claims: RequestTokenClaims,
    moment: Moment,
    visit: Visit | undefined,
    { outcome = 'pending', manager }: { outcome?: 'pending' | 'used'; manager?: EntityManager } = {},
  ): Promise<Claim> {
    const entry = visit && { ...visit, outcome, statusCode: null, durationMs: null };
    const claim = await this.store.claim(claims.jti, moment, entry, manager);
    if (claim) return claim;
    await this.look(claims, moment, manager);
    // Usable again: between the claim and the look a use was given back.
    throw new RequestTokenException('token_exhausted', claims);
  }

  /**
   * Looks at the row as {@link claim} would, and takes nothing.
   *
   * @throws RequestTokenException as {@link claim}
   */
  async look(claims: RequestTokenClaims, moment: Moment, manager?: EntityManager): Promise<void> {
    const problem = rowProblem(await this.store.find(claims.jti, manager), moment);
    if (problem) throw new RequestTokenException(problem, claims);
  }

  /** Settles a claimed use when `settlement` is known. Never fails; whoever calls it need not wait. */
  settle(claim: Claim, settlement: Promise<Settlement>): void {
    this.track(
      settlement.then((settled) => this.store.settle(claim, settled)),
      `use of token ${claim.token.id} stays claimed`,
    );
  }

  /** Logs a refused attempt when its final status is known. As {@link settle}. */
  refuse(
    claims: RequestTokenClaims,
    code: RequestTokenErrorCode,
    visit: Visit,
    answered: Promise<Pick<LogEntry, 'statusCode' | 'durationMs'>>,
  ): void {
    this.track(
      answered.then((answer) => this.store.logRefusal(claims.jti, { ...visit, ...answer, outcome: code })),
      `refusal (${code}) of token ${claims.jti} is not logged`,
    );
  }

  /** Resolves when every use and refusal so far is settled. Never fails. */
  async settled(): Promise<void> {
    await Promise.all(this.unsettled);
  }

  /** By now the HTTP server is closed, and the DataSource not yet: see UsageModule. */
  async onApplicationShutdown(): Promise<void> {
    if (this.unsettled.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, DRAIN_TIMEOUT_MS);
    });
    await Promise.race([this.settled(), timeout]);
    clearTimeout(timer);
  }

  private track(work: Promise<void>, consequence: string): void {
    const settled = work
      .catch((error: unknown) => this.logger.error(`${consequence}: ${String(error)}`))
      .finally(() => this.unsettled.delete(settled));
    this.unsettled.add(settled);
  }
}
