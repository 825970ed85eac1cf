import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { arraysOf } from '../database/arrays.js';
import { type Lock, LOCKED } from '../database/lanes.js';
import { PreparedQueries } from '../database/prepared-queries.js';
import { RequestToken } from '../entities/request-token.entity.js';
import type { RequestTokenLog, RequestTokenOutcome } from '../entities/request-token-log.entity.js';
import { REQUEST_TOKEN_DATA_SOURCE } from '../request-token.constants.js';
import type { RequestTokenErrorCode } from '../request-token.exception.js';
import { type Moment, rowProblem } from '../token/token-state.js';
import { CLAIM_COLUMNS, REFUSAL_COLUMNS, SETTLEMENT_COLUMNS, UsageStatements } from './usage.statements.js';

/** What a new log row says, beside its id and its token. */
export type LogEntry = Omit<RequestTokenLog, 'id' | 'tokenId' | 'token'>;

/** A use that somebody wants to take. */
export interface ClaimRequest {
  tokenId: string;
  moment: Moment;
  /** Without one, the use is not logged. */
  log?: Omit<LogEntry, 'statusCode' | 'durationMs'> & { id: string };
}

/** The token with the use taken, or why none can be. */
export type ClaimAnswer = { token: RequestToken } | { refused: RequestTokenErrorCode };

/** A use that was taken. */
export interface Claim {
  tokenId: string;
  /** Its log row, if it has one. */
  logId?: string;
}

/** How a claimed use ends. */
export interface Settlement {
  outcome: Extract<RequestTokenOutcome, 'used' | 'released'>;
  statusCode: number | null;
  durationMs: number;
}

/** An attempt that was refused. */
export type Refusal = LogEntry & { tokenId: string; logId: string };

interface ClaimRow extends RequestToken {
  nr: number;
  claimed: boolean;
  locked: boolean;
}

/** Uses in the database. Each method is one round trip. */
@Injectable()
export class UsageStore {
  private statements?: UsageStatements;

  constructor(
    @Inject(REQUEST_TOKEN_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly queries: PreparedQueries,
  ) {
    if (dataSource.options.type !== 'postgres') {
      throw new Error(`RequestTokenModule needs PostgreSQL; its DataSource is ${dataSource.options.type}`);
    }
  }

  find(tokenId: string, manager: EntityManager = this.dataSource.manager): Promise<RequestToken | null> {
    return manager.findOneBy(RequestToken, { id: tokenId });
  }

  /**
   * Takes uses, and writes their log rows.
   *
   * @returns an answer to each; LOCKED where the row was, or where it changed while it was waited for
   */
  async claim(
    requests: ClaimRequest[],
    lock: Lock,
    manager?: EntityManager,
  ): Promise<(ClaimAnswer | typeof LOCKED)[]> {
    // Whoever asked last asked now, and the others, hardly before.
    const { moment } = requests[requests.length - 1];
    const uses = requests.map(({ tokenId, log }) => ({ ...log, tokenId, logId: log?.id }));
    const values = [moment.latest, moment.earliest, ...arraysOf(CLAIM_COLUMNS, uses)];
    const rows = await this.queries.run<ClaimRow>(this.sql.claim[lock], values, manager);
    const byNumber = new Map(rows.map((row) => [row.nr, row]));
    return requests.map((_, index) => answerOf(byNumber.get(index + 1), moment));
  }

  /** @returns LOCKED for what is not settled because its row was */
  async settle(settlements: (Claim & Settlement)[], lock: Lock): Promise<(undefined | typeof LOCKED)[]> {
    const values = arraysOf(SETTLEMENT_COLUMNS, settlements);
    const rows = await this.queries.run<{ nr: number }>(this.sql.settle[lock], values);
    const left = new Set(rows.map(({ nr }) => nr));
    return settlements.map((_, index) => (left.has(index + 1) ? LOCKED : undefined));
  }

  async logRefusals(refusals: Refusal[]): Promise<void[]> {
    await this.queries.run(this.sql.logRefusals, arraysOf(REFUSAL_COLUMNS, refusals));
    return refusals.map(() => undefined);
  }

  /** @returns how many uses were given back */
  async releasePending(startedBefore: Date): Promise<number> {
    const [{ released }] = await this.queries.run<{ released: number }>(this.sql.releasePending, [
      startedBefore,
    ]);
    return released;
  }

  /** Made at first use: the DataSource may be initialized by hand, after the modules. */
  private get sql(): UsageStatements {
    return (this.statements ??= new UsageStatements(this.dataSource));
  }
}

function answerOf(row: ClaimRow | undefined, moment: Moment): ClaimAnswer | typeof LOCKED {
  if (!row) return { refused: 'token_unknown' };
  const { nr, claimed, locked, ...columns } = row;
  const token = Object.assign(new RequestToken(), columns);
  if (claimed) return { token };
  const refused = locked ? 'token_exhausted' : rowProblem(token, moment);
  return refused ? { refused } : LOCKED;
}
