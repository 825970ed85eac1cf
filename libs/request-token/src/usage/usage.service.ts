import { setTimeout } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RequestToken } from '../entities/request-token.entity.js';
import { type RequestTokenErrorCode, RequestTokenException } from '../request-token.exception.js';
import type { RequestTokenClaims } from '../token/claims.js';
import { type Moment, rowProblem } from '../token/token-state.js';
import { newId } from '../uuid.js';
import { ClaimQueue } from './claim-queue.js';
import { RefusalLog } from './refusal-log.js';
import { SettlementQueue } from './settlement-queue.js';
import { type Claim, type ClaimRequest, type LogEntry, type Settlement, UsageStore } from './usage.store.js';

/** The facts of an attempt that its log row keeps. */
export type Visit = Pick<LogEntry, 'userId' | 'clientIp' | 'userAgent' | 'method' | 'path' | 'startedAt'>;

/** How long a shutdown waits for uses whose handler goes on although its client has left. */
const DRAIN_TIMEOUT_MS = 5_000;

/** Takes uses, refuses them, and settles them behind the response's back. */
@Injectable()
export class UsageService implements OnApplicationShutdown {
  private readonly logger = new Logger(UsageService.name);
  /** Uses and refusals that wait for their response, or for the database. */
  private readonly unsettled = new Set<Promise<void>>();

  constructor(
    private readonly store: UsageStore,
    private readonly claims: ClaimQueue,
    private readonly settlements: SettlementQueue,
    private readonly refusals: RefusalLog,
  ) {}

  /**
   * Takes one use, and writes its log row unless `visit` is left out. One round trip, which it shares with
   * whatever else is claimed at the time; more only if another transaction has locked the row.
   *
   * @throws RequestTokenException `token_exhausted`, `token_revoked`, `token_expired`,
   *   `token_not_yet_valid`, `token_unknown`
   * @throws RequestTokenUnavailableException if too much waits for the database
   */
  async claim(
    claims: RequestTokenClaims,
    moment: Moment,
    visit: Visit | undefined,
    { outcome = 'pending', manager }: { outcome?: 'pending' | 'used'; manager?: EntityManager } = {},
  ): Promise<{ claim: Claim; token: RequestToken }> {
    const tokenId = claims.jti;
    const log = visit && { ...visit, id: newId(), outcome };
    const request = { tokenId, log, moment };
    const token = manager ? await this.claimInside(manager, request) : await this.claims.claim(request);
    if (typeof token === 'string') throw new RequestTokenException(token, claims);
    return { claim: { tokenId, logId: log?.id }, token };
  }

  /**
   * Looks at the row as {@link claim} would, and takes nothing.
   *
   * @throws RequestTokenException as {@link claim}
   * @throws RequestTokenUnavailableException as {@link claim}
   */
  async look(claims: RequestTokenClaims, moment: Moment): Promise<void> {
    const problem = await this.claims.look(claims.jti, moment);
    if (problem) throw new RequestTokenException(problem, claims);
  }

  /** Settles a claimed use when `settlement` is known. Never fails; whoever calls it need not wait. */
  settle(claim: Claim, settlement: Promise<Settlement>): void {
    this.track(settlement.then((known) => this.settlements.add({ ...claim, ...known })));
  }

  /** Logs a refused attempt when its final status is known. As {@link settle}. */
  refuse(
    claims: RequestTokenClaims,
    outcome: RequestTokenErrorCode,
    visit: Visit,
    answered: Promise<Pick<LogEntry, 'statusCode' | 'durationMs'>>,
  ): void {
    const refusal = { ...visit, outcome, tokenId: claims.jti, id: newId() };
    this.track(
      answered.then(({ statusCode, durationMs }) =>
        this.refusals.add({ ...refusal, statusCode, durationMs }),
      ),
    );
  }

  /** Gives back uses that are pending since before this moment; returns how many. */
  releasePending(startedBefore: Date): Promise<number> {
    return this.store.releasePending(startedBefore);
  }

  /** Resolves when every use and refusal so far is settled. Never fails. */
  async settled(): Promise<void> {
    await Promise.all([...this.unsettled, this.settlements.settled()]);
  }

  /** By now the HTTP server is closed, and the DataSource not yet: see UsageModule. */
  async onApplicationShutdown(): Promise<void> {
    const timeout = new AbortController();
    const late = setTimeout(DRAIN_TIMEOUT_MS, undefined, { signal: timeout.signal }).catch(() => undefined);
    await Promise.race([this.settled(), late]);
    timeout.abort();
    this.settlements.close();
  }

  /** In a transaction of the caller nothing can be shared with others. */
  private async claimInside(
    manager: EntityManager,
    request: ClaimRequest,
  ): Promise<RequestToken | RequestTokenErrorCode> {
    const [claimed] = await this.store.claim([request], 'wait', manager);
    if (claimed) return claimed;
    const [found] = await this.store.find([request.tokenId], manager);
    // Usable again: between the claim and the look a use was given back.
    return rowProblem(found, request.moment) ?? 'token_exhausted';
  }

  private track(work: Promise<void>): void {
    const settled = work
      .catch((error: unknown) => this.logger.error(error))
      .finally(() => this.unsettled.delete(settled));
    this.unsettled.add(settled);
  }
}
