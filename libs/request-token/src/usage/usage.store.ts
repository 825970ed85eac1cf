import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { toJson } from '../database/json-rows.js';
import type { Lock } from '../database/lock-lanes.js';
import { PreparedQueries } from '../database/prepared-queries.js';
import type { Statement } from '../database/statement.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import type { RequestTokenLog, RequestTokenOutcome } from '../entities/request-token-log.entity.js';
import { REQUEST_TOKEN_DATA_SOURCE } from '../request-token.constants.js';
import type { Moment } from '../token/token-state.js';
import { type TokenRow, toToken } from './token-rows.js';
import { ENTRY_COLUMNS, UsageStatements } from './usage.statements.js';

/** The facts of an attempt that its log row keeps. */
export type Visit = Pick<
  RequestTokenLog,
  'userId' | 'clientIp' | 'userAgent' | 'method' | 'path' | 'startedAt'
>;

/** A use that somebody wants to take. */
export interface ClaimRequest {
  tokenId: string;
  moment: Moment;
  /** Without it, the use is not logged. */
  log?: Pick<RequestTokenLog, 'id' | 'outcome'> & { visit: Visit };
}

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

/** An attempt that was refused, and logged. */
export type Refusal = Pick<RequestTokenLog, 'id' | 'tokenId' | 'outcome' | 'statusCode' | 'durationMs'> & {
  visit: Visit;
};

/** A row of the claiming statement. */
type ClaimedRow = TokenRow & { usesBefore: number };

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

  /** @returns the token with each id; nothing where there is none */
  async find(ids: string[], manager?: EntityManager): Promise<(RequestToken | undefined)[]> {
    const rows = await this.queries.run<TokenRow>(this.sql.find, [ids], manager);
    const tokens = new Map(rows.map((row) => [row.id, toToken(row)]));
    return ids.map((id) => tokens.get(id));
  }

  /**
   * Takes uses, and writes their log rows.
   *
   * @returns for each the token with the use taken; nothing where it has none left, or was locked
   */
  async claim(
    requests: ClaimRequest[],
    lock: Lock,
    manager?: EntityManager,
  ): Promise<(RequestToken | undefined)[]> {
    // Whoever asked last asked now, and the others, hardly before.
    const { latest, earliest } = requests[requests.length - 1].moment;
    const wanted = new Map<string, number>();
    const entries: ClaimEntry[] = [];
    const nths = requests.map(({ tokenId, log }) => {
      const nth = (wanted.get(tokenId) ?? 0) + 1;
      wanted.set(tokenId, nth);
      if (log) entries.push(claimEntry(tokenId, log, nth));
      return nth;
    });
    const [statements, values] = this.claimStatements(wanted, entries, requests.length);
    const rows = await this.queries.run<ClaimedRow>(statements[lock], [latest, earliest, ...values], manager);
    const claimed = new Map(rows.map((row) => [row.id, row]));
    return requests.map(({ tokenId }, index) => {
      const row = claimed.get(tokenId);
      if (!row) return undefined;
      const useCount = row.usesBefore + nths[index];
      if (useCount > row.useCount) return undefined;
      const token = toToken(row);
      token.useCount = useCount;
      return token;
    });
  }

  /** The statement for these claims, and its values. Most are of one logged use of each token, which is simpler. */
  private claimStatements(
    wanted: Map<string, number>,
    entries: ClaimEntry[],
    count: number,
  ): [Record<Lock, Statement>, unknown[]] {
    const { claim, claimEach, claimOne } = this.sql;
    const isEach = wanted.size === count && entries.length === count;
    if (isEach && count === 1)
      return [claimOne, [entries[0].tokenId, ...ENTRY_COLUMNS.map(([name]) => entries[0][name])]];
    if (isEach) return [claimEach, [Array.from(wanted.keys()), toJson(entries)]];
    const tokens = Array.from(wanted, ([tokenId, uses]) => ({ tokenId, wanted: uses }));
    return [claim, [toJson(tokens), toJson(entries)]];
  }

  /** @returns for each whether it is settled; what is about a locked token may not be */
  async settle(settlements: (Claim & Settlement)[], lock: Lock): Promise<boolean[]> {
    if (settlements.every(({ outcome, logId }) => outcome === 'used' && logId)) {
      const { settleUsed } = this.sql;
      const column = (name: 'logId' | 'statusCode' | 'durationMs') => settlements.map((each) => each[name]);
      await this.queries.run(settleUsed, [column('logId'), column('statusCode'), column('durationMs')]);
      return settlements.map(() => true);
    }
    const locked = await this.queries.run<{ tokenId: string }>(this.sql.settle[lock], [toJson(settlements)]);
    const left = new Set(locked.map(({ tokenId }) => tokenId));
    return settlements.map(({ tokenId, outcome }) => outcome === 'used' || !left.has(tokenId));
  }

  async logRefusals(refusals: Refusal[]): Promise<void[]> {
    const entries = refusals.map(({ visit, ...refusal }) => ({ ...visit, ...refusal }));
    await this.queries.run(this.sql.logRefusals, [toJson(entries)]);
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

type ClaimEntry = ReturnType<typeof claimEntry>;

/** Written out: it is made for every use, and to spread an object takes many times as long. */
const claimEntry = (
  tokenId: string,
  { id, outcome, visit }: NonNullable<ClaimRequest['log']>,
  nth: number,
) => ({
  id,
  tokenId,
  outcome,
  userId: visit.userId,
  clientIp: visit.clientIp,
  userAgent: visit.userAgent,
  method: visit.method,
  path: visit.path,
  startedAt: visit.startedAt,
  nth,
});
