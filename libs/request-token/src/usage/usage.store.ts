import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Moment } from '../common/clock.js';
import { REQUEST_TOKEN_DATA_SOURCE } from '../common/constants.js';
import type { Deadline } from '../database/deadline.js';
import { toJson } from '../database/json-rows.js';
import type { Lock } from '../database/lock-lanes.js';
import { MissingCharacters } from '../database/missing-characters.js';
import { PreparedQueries, type RunOptions } from '../database/prepared-queries.js';
import type { Statement } from '../database/statement.js';
import { StatementBounds } from '../database/statement-bounds.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import type { RequestTokenLog, RequestTokenOutcome } from '../entities/request-token-log.entity.js';
import { type LogRow, toLog } from './log-rows.js';
import { type TokenRow, toToken } from './token-rows.js';
import { ENTRY_COLUMNS, UsageStatements } from './usage.statements.js';

/** The facts of an attempt that its log row keeps. */
export type Visit = Pick<
  RequestTokenLog,
  'userId' | 'clientIp' | 'userAgent' | 'method' | 'path' | 'startedAt'
>;

/** A use that somebody wants to take. */
export interface WantedUse {
  tokenId: string;
  moment: Moment;
  /** Without it, the use is not logged. */
  log?: Pick<RequestTokenLog, 'id' | 'outcome'> & { visit: Visit };
}

/** A use that was taken. */
export interface TakenUse {
  tokenId: string;
  /** Its log row, if it has one. */
  logId?: string;
}

/** How a use ends. */
export interface Settlement {
  outcome: Extract<RequestTokenOutcome, 'used' | 'released'>;
  statusCode: number | null;
  durationMs: number;
}

/** A logged use of which nobody knows whether it was taken, or will be. */
export type LostUse = Pick<WantedUse, 'tokenId'> & Required<Pick<WantedUse, 'log'>>;

/** Attempts that were refused for the same reason. */
export type Refusal = Pick<
  RequestTokenLog,
  'id' | 'tokenId' | 'outcome' | 'statusCode' | 'durationMs' | 'repeats'
> & {
  visit: Visit;
};

/** What a client, or the app, may have written in any language. */
const LOGGED_TEXTS = ['userId', 'userAgent', 'method', 'path'] as const satisfies (keyof Visit)[];
type LoggedTexts = { [Column in (typeof LOGGED_TEXTS)[number]]?: string | null };

/** What there is of one token, or nothing of any, and how big the table is. */
type Sized<Row> = { bytes: string } & (Row | { id: null });

/** A row of what takes uses; `usesBefore` is absent where it is one less than there are now. */
type TakenRow = TokenRow & { usesBefore?: string };

/** Uses in the database. Each method is one round trip; what waits for log rows is two. */
@Injectable()
export class UsageStore {
  private statements?: UsageStatements;
  private readonly characters = new MissingCharacters();

  constructor(
    @Inject(REQUEST_TOKEN_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly queries: PreparedQueries,
    private readonly bounds: StatementBounds,
  ) {
    if (dataSource.options.type !== 'postgres') {
      throw new Error(`RequestTokenModule needs PostgreSQL; its DataSource is ${dataSource.options.type}`);
    }
  }

  /** @returns the token with each id; nothing where there is none */
  async find(ids: string[], options?: RunOptions): Promise<(RequestToken | undefined)[]> {
    const rows = await this.runSized<TokenRow>(this.sql.find, [ids], options);
    const tokens = new Map(rows.map((row) => [row.id, toToken(row)]));
    return ids.map((id) => tokens.get(id));
  }

  /** The last attempts to use a token, the newest first. */
  async logsOf(tokenId: string, most: number): Promise<RequestTokenLog[]> {
    const rows = await this.queries.run<LogRow>(this.sql.logsOf, [tokenId, most]);
    // The id of refusals is about a whole minute.
    return rows.map(toLog).sort((one, other) => other.startedAt.getTime() - one.startedAt.getTime());
  }

  /**
   * Takes uses, and writes their log rows.
   *
   * @returns for each the token with the use taken; nothing where it has none left, or was locked
   */
  async takeUses(uses: WantedUse[], lock: Lock, options?: RunOptions): Promise<(RequestToken | undefined)[]> {
    // Whoever asked last asked now, and the others, hardly before.
    const { latest, earliest } = uses[uses.length - 1].moment;
    const wanted = new Map<string, number>();
    const entries: UseEntry[] = [];
    const nths = uses.map(({ tokenId, log }) => {
      const nth = (wanted.get(tokenId) ?? 0) + 1;
      wanted.set(tokenId, nth);
      if (log) entries.push(useEntry(tokenId, log, nth));
      return nth;
    });
    const rows = await this.characters.without(entries, LOGGED_TEXTS, (storable) => {
      const [statements, values] = this.takingStatements(wanted, storable, uses.length);
      return this.runSized<TakenRow>(statements[lock], [latest, earliest, ...values], options);
    });
    const taken = new Map(rows.map((row) => [row.id, row]));
    return uses.map(({ tokenId }, index) => {
      const row = taken.get(tokenId);
      if (!row) return undefined;
      const token = toToken(row);
      const before = row.usesBefore === undefined ? token.useCount - 1 : Number(row.usesBefore);
      const useCount = before + nths[index];
      if (useCount > token.useCount) return undefined;
      token.useCount = useCount;
      return token;
    });
  }

  /** The statement for these uses, and its values. Most are of one logged use of each token, which is simpler. */
  private takingStatements(
    wanted: Map<string, number>,
    entries: UseEntry[],
    count: number,
  ): [Record<Lock, Statement>, unknown[]] {
    const { take, takeEach, takeOne } = this.sql;
    const isEach = wanted.size === count && entries.length === count;
    if (isEach && count === 1)
      return [takeOne, [entries[0].tokenId, ...ENTRY_COLUMNS.map(([name]) => entries[0][name])]];
    if (isEach) return [takeEach, [Array.from(wanted.keys()), toJson(entries)]];
    const tokens = Array.from(wanted, ([tokenId, uses]) => ({ tokenId, wanted: uses }));
    return [take, [toJson(tokens), toJson(entries)]];
  }

  /** @returns for each whether it is settled; what is about a locked token, or log row, may not be */
  async settle(settlements: (TakenUse & Settlement)[], lock: Lock, deadline?: Deadline): Promise<boolean[]> {
    if (settlements.every(({ outcome, logId }) => outcome === 'used' && logId)) {
      const { settleUsed } = this.sql;
      const column = (name: 'logId' | 'statusCode' | 'durationMs') => settlements.map((each) => each[name]);
      const values = [column('logId'), column('statusCode'), column('durationMs')];
      await this.queries.run(settleUsed, values, { deadline });
      return settlements.map(() => true);
    }
    if (lock === 'wait') {
      const logIds = settlements.flatMap(({ logId }) => logId ?? []);
      await this.queries.run(this.sql.awaitLogs, [logIds], { deadline });
    }
    const left = await this.leftOutOf(this.sql.settle[lock], settlements, deadline);
    return settlements.map(({ tokenId }) => !left.has(tokenId));
  }

  /** @returns for each whether it is withdrawn, as {@link settle} */
  async withdraw(uses: LostUse[], lock: Lock, deadline?: Deadline): Promise<boolean[]> {
    const entries = uses.map(({ tokenId, log }) => useEntry(tokenId, log, 1));
    if (lock === 'wait')
      await this.queries.run(this.sql.awaitLogs, [entries.map(({ id }) => id)], { deadline });
    const left = await this.leftOutOf(this.sql.withdraw[lock], entries, deadline);
    return uses.map(({ tokenId }) => !left.has(tokenId));
  }

  /** @returns for each whether it is logged, as {@link settle}; that of a token that is not there is not */
  async logRefusals(refusals: Refusal[], lock: Lock, deadline?: Deadline): Promise<boolean[]> {
    // Those that waited for a lock may be about the same row, and a statement changes each row once.
    const entries = new Map<string, Visit & Omit<Refusal, 'visit'>>();
    for (const { visit, ...refusal } of refusals) {
      const same = entries.get(refusal.id);
      if (same) same.repeats += refusal.repeats;
      else entries.set(refusal.id, { ...visit, ...refusal });
    }
    const left = await this.leftOutOf(this.sql.logRefusals[lock], Array.from(entries.values()), deadline);
    return refusals.map(({ tokenId }) => !left.has(tokenId));
  }

  /** @returns ids of tokens with uses that are pending since before that */
  async findPending(startedBefore: Date, most: number): Promise<string[]> {
    const deadline = this.bounds.bulk();
    const rows = await this.queries.run<{ tokenId: string }>(this.sql.findPending, [startedBefore, most], {
      deadline,
    });
    return rows.map(({ tokenId }) => tokenId);
  }

  /** @returns how many uses of these tokens were given back, and of which tokens not all were, for a lock */
  async releasePending(
    tokenIds: string[],
    startedBefore: Date,
    lock: Lock,
  ): Promise<{ released: number; left: string[] }> {
    const { awaitPending, releasePending } = this.sql;
    const values = [tokenIds, startedBefore];
    const deadline = this.bounds.bulk();
    if (lock === 'wait') await this.queries.run(awaitPending, values, { deadline });
    const rows = await this.queries.run<{ released: string; tokenId: string | null }>(
      releasePending[lock],
      values,
      { deadline },
    );
    return { released: Number(rows[0].released), left: rows.flatMap(({ tokenId }) => tokenId ?? []) };
  }

  private async runSized<Row extends { id: string }>(
    statement: Statement,
    values: unknown[],
    options?: RunOptions,
  ): Promise<Row[]> {
    const rows = await this.queries.run<Sized<Row>>(statement, values, options);
    this.sql.observeTokenTable(Number(rows[0].bytes));
    return rows.filter((row): row is Sized<Row> & Row => row.id !== null);
  }

  /** The ids of the tokens whose rows a statement has left out. */
  private async leftOutOf(
    statement: Statement,
    rows: (object & LoggedTexts)[],
    deadline: Deadline | undefined,
  ): Promise<Set<string>> {
    const left = await this.characters.without(rows, LOGGED_TEXTS, (storable) =>
      this.queries.run<{ tokenId: string }>(statement, [toJson(storable)], { deadline }),
    );
    return new Set(left.map(({ tokenId }) => tokenId));
  }

  /** Made at first use: the DataSource may be initialized by hand, after the modules. */
  private get sql(): UsageStatements {
    return (this.statements ??= new UsageStatements(this.dataSource));
  }
}

type UseEntry = ReturnType<typeof useEntry>;

/** Written out: it is made for every use, and to spread an object takes many times as long. */
const useEntry = (tokenId: string, { id, outcome, visit }: NonNullable<WantedUse['log']>, nth: number) => ({
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
