import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { REQUEST_TOKEN_DATA_SOURCE } from '../common/constants.js';
import { isAboutContent } from '../database/database-errors.js';
import type { Deadline } from '../database/deadline.js';
import type { Lock } from '../database/lock-lanes.js';
import { MissingCharacters } from '../database/missing-characters.js';
import { PreparedQueries, type RunOptions } from '../database/prepared-queries.js';
import type { StatementCall } from '../database/statement.js';
import { StatementBounds } from '../database/statement-bounds.js';
import { TableAnalysis } from '../database/table-analysis.js';
import { KnownEntities } from '../entities/known-entities.js';
import { RequestToken } from '../entities/request-token.entity.js';
import type { RequestTokenLog } from '../entities/request-token-log.entity.js';
import type { LogEntry, LogRow } from './log-entry.js';
import { STOPPED_AT } from './sql/find-deferred.js';
import { type Sized, type TokenRow, UsageTables } from './sql/tables.js';
import { type UsageSql, usageSql } from './sql/usage-sql.js';
import type {
  DeferredState,
  LostDeferredUse,
  Settlement,
  TakenUse,
  WantedDeferredUse,
  WantedUse,
} from './uses.js';

/** `usesBefore` is absent where it is one less than there are now. */
type TakenRow = TokenRow & { usesBefore?: string };

/** Uses in the database. Each method is one round trip; what waits for log rows is two. */
@Injectable()
export class UsageStore {
  private made?: { tables: UsageTables; sql: UsageSql };
  private readonly characters = new MissingCharacters();

  constructor(
    @Inject(REQUEST_TOKEN_DATA_SOURCE) dataSource: DataSource,
    private readonly entities: KnownEntities,
    private readonly queries: PreparedQueries,
    private readonly bounds: StatementBounds,
    private readonly analysis: TableAnalysis,
  ) {
    if (dataSource.options.type !== 'postgres') {
      throw new Error(`RequestTokenModule needs PostgreSQL; its DataSource is ${dataSource.options.type}`);
    }
  }

  /** @returns the token with each id; nothing where there is none */
  async find(ids: string[], options?: RunOptions): Promise<(RequestToken | undefined)[]> {
    const rows = await this.runSized(this.sql.findTokens(ids), options);
    const tokens = new Map(rows.map((row) => [row.id, this.tables.token.read(row)]));
    return ids.map((id) => tokens.get(id));
  }

  /** The last attempts to use a token, the newest first. */
  async logsOf(tokenId: string, most: number): Promise<RequestTokenLog[]> {
    const rows = await this.queries.run(this.sql.findLogs(tokenId, most));
    const logs = rows.map((row) => this.tables.log.read(row));
    // The id of refusals is about a whole minute.
    return logs.sort((one, other) => other.startedAt.getTime() - one.startedAt.getTime());
  }

  /**
   * Takes uses, and writes their log rows.
   *
   * @returns for each the token with the use taken; nothing where it has none left, or was locked
   */
  async takeUses(uses: WantedUse[], lock: Lock, options?: RunOptions): Promise<(RequestToken | undefined)[]> {
    const wanted = new Map<string, number>();
    const entries: LogEntry[] = [];
    const nths = uses.map(({ tokenId, log }) => {
      const nth = (wanted.get(tokenId) ?? 0) + 1;
      wanted.set(tokenId, nth);
      if (log) entries.push(log);
      return nth;
    });
    const rows = await this.storing(entries, (storable) =>
      this.runSized(this.taking(uses, lock, wanted, nths, storable), options),
    );
    const taken = new Map(rows.map((row) => [row.id, row]));
    return uses.map(({ tokenId }, index) => {
      const row = taken.get(tokenId);
      if (!row) return undefined;
      const token = this.tables.token.read(row);
      const before = row.usesBefore === undefined ? token.useCount - 1 : Number(row.usesBefore);
      const useCount = before + nths[index];
      if (useCount > token.useCount) return undefined;
      token.useCount = useCount;
      return token;
    });
  }

  /** The statement for these uses. Most are of one logged use of each token, which is simpler. */
  private taking(
    uses: WantedUse[],
    lock: Lock,
    wanted: Map<string, number>,
    nths: number[],
    entries: LogEntry[],
  ): StatementCall<Sized<TakenRow>> {
    const { takeUses, takeOneUse, takeOneUseOfEach } = this.sql;
    // Whoever asked last asked now, and the others, hardly before.
    const { moment } = uses[uses.length - 1];
    const isOfEach = wanted.size === uses.length && entries.length === uses.length;
    if (isOfEach && uses.length === 1) return takeOneUse(lock, moment, entries[0]);
    if (isOfEach) return takeOneUseOfEach(lock, moment, Array.from(wanted.keys()), entries);
    const tokens = Array.from(wanted, ([tokenId, count]) => ({ tokenId, wanted: count }));
    const logged = nths.filter((_, index) => uses[index].log);
    return takeUses(
      lock,
      moment,
      tokens,
      entries.map((entry, index) => ({ nth: logged[index], ...entry })),
    );
  }

  /**
   * Takes uses of deferred tokens, and writes their log rows, and the rows of tokens that have none.
   *
   * @returns as {@link takeUses}; of one token, one use is taken
   */
  async takeDeferredUses(
    uses: WantedDeferredUse[],
    lock: Lock,
    options?: RunOptions,
  ): Promise<(RequestToken | undefined)[]> {
    const firsts = new Map<string, WantedDeferredUse>();
    for (const use of uses) if (!firsts.has(use.tokenId)) firsts.set(use.tokenId, use);
    const ofEach = Array.from(firsts.values());
    const entries = ofEach.flatMap(({ log }) => log ?? []);
    const tokens = ofEach.map(({ deferred }) => deferred);
    const { moment } = uses[uses.length - 1];
    const rows = await this.storing(entries, (storable) =>
      this.runSized(this.sql.takeDeferredUses(lock, moment, tokens, storable), options),
    );
    const taken = new Map(rows.map((row) => [row.id, this.tables.token.read(row)]));
    // The first use has written the row, as a rule, and the planner has to hear of many.
    const written = rows.filter(({ useCount }) => useCount === '1').length;
    if (written > 0) this.analysis.afterInsert(this.tables.token.table, written);
    return uses.map((use) => (firsts.get(use.tokenId) === use ? taken.get(use.tokenId) : undefined));
  }

  /** @returns each of these deferred tokens as it is: as its row, or as it would be; and revoked, if it is stopped */
  async findDeferred(tokens: RequestToken[], options?: RunOptions): Promise<DeferredState[]> {
    const rows = await this.queries.run(this.sql.findDeferred(tokens), options);
    const found = new Map(rows.map((row) => [row.asked, row]));
    return tokens.map((deferred) => {
      const text = found.get(deferred.id);
      const row = text && text.id !== null ? this.tables.token.read(text) : undefined;
      const state = Object.assign(new RequestToken(), row ?? deferred);
      if (text && text.stoppedAt !== null) state.revokedAt ??= STOPPED_AT.fromText(text.stoppedAt) as Date;
      return { row, state };
    });
  }

  /** Withdraws uses as {@link withdraw}, of deferred tokens, which get their rows if they have none. */
  async withdrawDeferred(lost: LostDeferredUse[], lock: Lock, deadline?: Deadline): Promise<boolean[]> {
    const tokens = new Map(lost.map(({ deferred }) => [deferred.id, deferred]));
    await this.queries.run(this.sql.writeDeferred(lock, Array.from(tokens.values())), { deadline });
    return this.withdraw(
      lost.map(({ log }) => log),
      lock,
      deadline,
    );
  }

  /** @returns for each whether it is settled; what is about a locked token, or log row, may not be */
  async settle(settlements: (TakenUse & Settlement)[], lock: Lock, deadline?: Deadline): Promise<boolean[]> {
    if (settlements.every(({ outcome, logId }) => outcome === 'used' && logId)) {
      try {
        await this.queries.run(this.sql.settleUsed(settlements), { deadline });
        return settlements.map(() => true);
      } catch (error) {
        if (!isAboutContent(error)) throw error;
      }
    }
    if (lock === 'wait') {
      const logIds = settlements.flatMap(({ logId }) => logId ?? []);
      await this.queries.run(this.sql.awaitLogs(logIds), { deadline });
    }
    const left = await this.queries.run(this.sql.settle(lock, settlements), { deadline });
    return areNotIn(left, settlements);
  }

  /**
   * @param lost the log rows of uses of which nobody knows whether they were taken, or will be
   * @returns for each whether it is withdrawn, as {@link settle}
   */
  async withdraw(lost: LogEntry[], lock: Lock, deadline?: Deadline): Promise<boolean[]> {
    if (lock === 'wait') {
      await this.queries.run(this.sql.awaitLogs(lost.map(({ id }) => id)), { deadline });
    }
    const left = await this.storing(lost, (storable) =>
      this.queries.run(this.sql.withdraw(lock, storable), { deadline }),
    );
    return areNotIn(left, lost);
  }

  /** @returns for each whether it is logged, as {@link settle}; that of a token that is not there is not */
  async logRefusals(refusals: LogRow[], lock: Lock, deadline?: Deadline): Promise<boolean[]> {
    // Those that waited for a lock may be about the same row, and a statement changes each row once.
    const rows = new Map<string, LogRow>();
    for (const refusal of refusals) {
      const same = rows.get(refusal.id);
      if (same) same.repeats += refusal.repeats;
      else rows.set(refusal.id, { ...refusal });
    }
    const left = await this.storing(Array.from(rows.values()), (storable) =>
      this.queries.run(this.sql.logRefusals(lock, storable), { deadline }),
    );
    return areNotIn(left, refusals);
  }

  /**
   * Reads so many log rows behind an id.
   *
   * @returns the id of the last of them, undefined if it is the last of all, and the tokens of those that are pending
   */
  async findPending(
    after: string,
    most: number,
    startedBefore: Date,
  ): Promise<{ last?: string; tokenIds: string[] }> {
    const deadline = this.bounds.bulk();
    const rows = await this.queries.run(this.sql.findPending(after, most, startedBefore), { deadline });
    return { last: rows[0].last ?? undefined, tokenIds: rows.flatMap(({ tokenId }) => tokenId ?? []) };
  }

  /** @returns how many uses of these tokens were given back, and of which tokens not all were, for a lock */
  async releasePending(
    tokenIds: string[],
    startedBefore: Date,
    lock: Lock,
  ): Promise<{ released: number; left: string[] }> {
    const deadline = this.bounds.bulk();
    if (lock === 'wait') await this.queries.run(this.sql.awaitPending(tokenIds, startedBefore), { deadline });
    const rows = await this.queries.run(this.sql.releasePending(lock, tokenIds, startedBefore), { deadline });
    return { released: Number(rows[0].released), left: rows.flatMap(({ tokenId }) => tokenId ?? []) };
  }

  private async runSized<Row extends { id: string }>(
    call: StatementCall<Sized<Row>>,
    options?: RunOptions,
  ): Promise<Row[]> {
    const rows = await this.queries.run(call, options);
    this.tables.observe(rows[0]);
    return rows.filter((row): row is Sized<Row> & Row => row.id !== null);
  }

  /** What a client, or the app, has written in any language is stored, whatever the database lacks of it. */
  private storing<Row extends LogEntry, Result>(
    rows: Row[],
    store: (rows: Row[]) => Promise<Result>,
  ): Promise<Result> {
    return this.characters.without(rows, this.tables.entryTexts, store);
  }

  private get sql(): UsageSql {
    return this.statements.sql;
  }

  private get tables(): UsageTables {
    return this.statements.tables;
  }

  /** Made at first use: the DataSource may be initialized by hand, after the modules. */
  private get statements() {
    if (!this.made) {
      const tables = new UsageTables(this.entities);
      this.made = { tables, sql: usageSql(tables) };
    }
    return this.made;
  }
}

/** Which of these are about none of the tokens that a statement has left out. */
function areNotIn(left: { tokenId: string }[], asked: { tokenId: string }[]): boolean[] {
  const ids = new Set(left.map(({ tokenId }) => tokenId));
  return asked.map(({ tokenId }) => !ids.has(tokenId));
}
