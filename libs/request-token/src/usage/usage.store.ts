import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { toJson } from '../database/json-rows.js';
import type { Lock } from '../database/lanes.js';
import { PreparedQueries } from '../database/prepared-queries.js';
import { RequestToken } from '../entities/request-token.entity.js';
import type { RequestTokenLog, RequestTokenOutcome } from '../entities/request-token-log.entity.js';
import { REQUEST_TOKEN_DATA_SOURCE } from '../request-token.constants.js';
import type { Moment } from '../token/token-state.js';
import { UsageStatements } from './usage.statements.js';

/** What a log row says, beside its id and its token. */
export type LogEntry = Omit<RequestTokenLog, 'id' | 'tokenId' | 'token'>;

/** A use that somebody wants to take. */
export interface ClaimRequest {
  tokenId: string;
  moment: Moment;
  /** Without one, the use is not logged. */
  log?: Omit<LogEntry, 'statusCode' | 'durationMs'> & { id: string; tokenId: string };
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

/** A log row of an attempt that was refused. */
export type Refusal = LogEntry & { id: string; tokenId: string };

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
    const rows = await this.queries.run<RequestToken>(this.sql.find, [ids], manager);
    const tokens = new Map(rows.map((row) => [row.id, Object.assign(new RequestToken(), row)]));
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
    const nths = requests.map(({ tokenId }) => {
      const nth = (wanted.get(tokenId) ?? 0) + 1;
      wanted.set(tokenId, nth);
      return nth;
    });
    const values = [
      latest,
      earliest,
      toJson(Array.from(wanted, ([tokenId, count]) => ({ tokenId, wanted: count }))),
      toJson(requests.flatMap(({ log }, index) => (log ? Object.assign(log, { nth: nths[index] }) : []))),
    ];
    type Row = RequestToken & { usesBefore: number };
    const rows = await this.queries.run<Row>(this.sql.claim[lock], values, manager);
    const claimed = new Map(rows.map((row) => [row.id, row]));
    return requests.map(({ tokenId }, index) => {
      const nth = nths[index];
      const row = claimed.get(tokenId);
      if (!row || row.usesBefore + nth > row.useCount) return undefined;
      const { usesBefore, ...token } = row;
      return Object.assign(new RequestToken(), token, { useCount: usesBefore + nth });
    });
  }

  /** @returns for each whether it is settled; what is about a locked token may not be */
  async settle(settlements: (Claim & Settlement)[], lock: Lock): Promise<boolean[]> {
    const locked = await this.queries.run<{ tokenId: string }>(this.sql.settle[lock], [toJson(settlements)]);
    const left = new Set(locked.map(({ tokenId }) => tokenId));
    return settlements.map(({ tokenId, outcome }) => outcome === 'used' || !left.has(tokenId));
  }

  async logRefusals(refusals: Refusal[]): Promise<void[]> {
    await this.queries.run(this.sql.logRefusals, [toJson(refusals)]);
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
