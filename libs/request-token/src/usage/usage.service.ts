import { setImmediate, setTimeout } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RequestTokenClaims } from '../common/claims.js';
import type { Moment } from '../common/clock.js';
import {
  type RequestTokenErrorCode,
  RequestTokenException,
  RequestTokenUnavailableException,
} from '../common/exception.js';
import { Encoding } from '../database/encoding.js';
import { seesWhatIsCommitted } from '../database/isolation.js';
import { deferredToken, textsOf } from '../entities/deferred-token.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import type { RequestTokenLog } from '../entities/request-token-log.entity.js';
import { rowProblem } from '../entities/token-state.js';
import type { LogEntry, LogRow } from './log-entry.js';
import { Outstanding } from './outstanding.js';
import { refusalId } from './refusal-id.js';
import { RefusalLog } from './refusal-log.js';
import { SettlementQueue } from './settlement-queue.js';
import { Tally } from './tally.js';
import { UsageStore } from './usage.store.js';
import { UseQueue } from './use-queue.js';
import { type DeferredState, MOST_ATTEMPTS, type Settlement, type TakenUse, type WantedUse } from './uses.js';

export interface LogSettings {
  /** Whether uses and refusals are logged. */
  readonly logs: boolean;
}

/** How long a shutdown waits for uses whose handler goes on although its client has left. */
const DRAIN_TIMEOUT_MS = 5_000;

/** Takes uses, refuses them, and settles them behind the response's back. */
@Injectable()
export class UsageService implements OnApplicationShutdown {
  /** Uses and refusals that wait for their response. */
  private readonly unanswered = new Tally();
  private readonly work = new Outstanding<Promise<void>>();

  constructor(
    private readonly store: UsageStore,
    private readonly uses: UseQueue,
    private readonly settlements: SettlementQueue,
    private readonly refusals: RefusalLog,
    private readonly encoding: Encoding,
  ) {}

  /**
   * Takes one use, and writes its log row, if it has one. One round trip, which it shares with
   * whatever else is taken at the time; more only if another transaction has locked the row.
   *
   * @throws RequestTokenException `token_exhausted`, `token_revoked`, `token_expired`,
   *   `token_not_yet_valid`, `token_unknown`; `token_malformed` if its row cannot be written
   * @throws RequestTokenUnavailableException if too much waits for the database, or for too long
   */
  async takeUse(
    claims: RequestTokenClaims,
    moment: Moment,
    log: LogEntry | undefined,
    manager?: EntityManager,
  ): Promise<{ use: TakenUse; token: RequestToken }> {
    const tokenId = claims.jti;
    const deferred = await this.deferredOf(claims, manager);
    const wanted = { tokenId, moment, log, deferred };
    const token = manager ? await this.takeInside(manager, wanted) : await this.uses.take(wanted);
    if (typeof token === 'string') throw new RequestTokenException(token, claims);
    return { use: { tokenId, logId: log?.id }, token };
  }

  /**
   * Looks at the row as {@link takeUse} would, and takes nothing.
   *
   * @throws RequestTokenException as {@link takeUse}
   * @throws RequestTokenUnavailableException as {@link takeUse}
   */
  async look(claims: RequestTokenClaims, moment: Moment): Promise<RequestToken> {
    const token = await this.uses.look(claims.jti, await this.deferredOf(claims), moment);
    if (typeof token === 'string') throw new RequestTokenException(token, claims);
    return token;
  }

  /** To be told, once, how a use that was taken ends; whoever tells it need not wait, and it never fails. */
  settling(use: TakenUse): (settlement: Settlement) => void {
    this.unanswered.begin();
    return ({ outcome, statusCode, durationMs }) => {
      const { tokenId, logId } = use;
      this.settlements.add({ tokenId, logId, outcome, statusCode, durationMs });
      this.unanswered.end();
    };
  }

  /** To be told, once, how a refused attempt was answered, for the log. As {@link settling}. */
  refusing(
    claims: RequestTokenClaims,
    outcome: RequestTokenErrorCode,
    entry: LogEntry,
  ): (answer: Pick<LogRow, 'statusCode' | 'durationMs'>) => void {
    this.unanswered.begin();
    return ({ statusCode, durationMs }) => {
      const id = refusalId(claims.jti, outcome, entry.startedAt);
      // Many times quicker than to spread the entry.
      this.refusals.add(Object.assign({}, entry, { id, outcome, statusCode, durationMs, repeats: 1 }));
      this.unanswered.end();
    };
  }

  /** Work behind an answer: {@link settled} waits for it, too, however it ends. */
  waitFor(work: Promise<void>): void {
    this.work.add(work);
    const done = () => this.work.done(work);
    void work.then(done, done);
  }

  /** A token as whoever would use it finds it: its row, or what would be the row of a deferred one. */
  async seek(claims: RequestTokenClaims): Promise<RequestToken | undefined> {
    const { state } = await this.find(claims.jti, await this.deferredOf(claims));
    return state;
  }

  /**
   * The row of a token, which a deferred one may not have; the token as whoever would use it finds it; and the last
   * attempts to use it, the newest first.
   */
  async explain(
    claims: RequestTokenClaims,
    most: number,
  ): Promise<{ row?: RequestToken; state?: RequestToken; logs: RequestTokenLog[] }> {
    const deferred = await this.deferredOf(claims);
    const [found, logs] = await Promise.all([
      this.find(claims.jti, deferred),
      this.store.logsOf(claims.jti, most),
    ]);
    return { ...found, logs };
  }

  /** Uses and refusals whose end is not in the database yet. */
  get unsettled(): number {
    return this.unanswered.size + this.settlements.size + this.refusals.size;
  }

  /** Resolves when every use and refusal of what has been answered so far is settled. Never fails. */
  async settled(): Promise<void> {
    // An answer that its client has just read tells of its end in the same turn of the event loop.
    await setImmediate();
    await Promise.all([this.settlements.settled(), this.refusals.settled(), this.work.settled()]);
  }

  /** As {@link settled}, when nothing is being answered any more. */
  async drained(): Promise<void> {
    await this.unanswered.empty();
    await this.settled();
  }

  /** By now the HTTP server is closed, and the DataSource not yet: see UsageModule. */
  async onApplicationShutdown(): Promise<void> {
    const timeout = new AbortController();
    const late = setTimeout(DRAIN_TIMEOUT_MS, undefined, { signal: timeout.signal }).catch(() => undefined);
    await Promise.race([this.drained(), late]);
    timeout.abort();
    this.settlements.close();
  }

  /**
   * What would be the row of a deferred token; undefined for others.
   *
   * @throws RequestTokenException `token_malformed` if the database cannot store it: in a group, it would fail others
   */
  private async deferredOf(
    claims: RequestTokenClaims,
    manager?: EntityManager,
  ): Promise<RequestToken | undefined> {
    if (!claims.dfr) return undefined;
    const token = deferredToken(claims);
    const isUnstorable = !this.encoding.hasAll && (await this.encoding.lackOf(textsOf(token), manager));
    if (isUnstorable) throw new RequestTokenException('token_malformed');
    return token;
  }

  private async find(
    tokenId: string,
    deferred: RequestToken | undefined,
    manager?: EntityManager,
  ): Promise<Partial<DeferredState>> {
    if (deferred) return (await this.store.findDeferred([deferred], { manager }))[0];
    const [row] = await this.store.find([tokenId], { manager });
    return { row, state: row };
  }

  /** In a transaction of the caller nothing can be shared with others. */
  private async takeInside(
    manager: EntityManager,
    wanted: WantedUse,
  ): Promise<RequestToken | RequestTokenErrorCode> {
    const { tokenId, deferred, moment } = wanted;
    if (deferred && (await this.isStoppedSince(manager, deferred, moment))) return 'token_revoked';
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      const [taken] = await (deferred
        ? this.store.takeDeferredUses([{ ...wanted, deferred }], 'wait', { manager })
        : this.store.takeUses([wanted], 'wait', { manager }));
      if (taken) return taken;
      const { state } = await this.find(tokenId, deferred, manager);
      const problem = rowProblem(state, moment);
      if (problem) return problem;
    }
    throw new RequestTokenUnavailableException();
  }

  /**
   * Whether a deferred token was revoked where the transaction cannot see it. Where the row is there, PostgreSQL would
   * tell of the conflict.
   */
  private async isStoppedSince(
    manager: EntityManager,
    deferred: RequestToken,
    moment: Moment,
  ): Promise<boolean> {
    if (await seesWhatIsCommitted(manager)) return false;
    return (await this.uses.look(deferred.id, deferred, moment)) === 'token_revoked';
  }
}
