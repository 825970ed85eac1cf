import { Injectable } from '@nestjs/common';
import { millisecondsOf } from '../common/uuid.js';
import { columnType } from '../database/column-types.js';
import { PreparedQueries } from '../database/prepared-queries.js';
import type { StatementCall } from '../database/statement.js';
import { StatementBounds } from '../database/statement-bounds.js';
import { KnownEntities } from '../entities/known-entities.js';
import { RequestToken } from '../entities/request-token.entity.js';
import { RequestTokenLog } from '../entities/request-token-log.entity.js';
import { RequestTokenStatistic } from '../entities/request-token-statistic.entity.js';
import type { Sums } from './figures.js';
import { after, HOUR_MS } from './hours.js';
import * as sql from './sql/sums.js';

export type ScopeSums = Sums & { scope: string };

/** Sums in the database. Each method is one round trip. */
@Injectable()
export class SumStore {
  private made?: ReturnType<SumStore['makeStatements']>;

  constructor(
    private readonly entities: KnownEntities,
    private readonly queries: PreparedQueries,
    private readonly bounds: StatementBounds,
  ) {}

  /** Sums up an hour that is over. */
  async keepHour(hour: Date, now: Date): Promise<void> {
    await this.run(this.statements.keepSums(hour, after(hour, HOUR_MS), now));
  }

  /** Keeps that there was nothing in hours that are over. */
  async keepEmptyHours(hours: Date[], now: Date): Promise<void> {
    await this.run(this.statements.keepEmptyHours(hours, now));
  }

  /** The sums between two moments, as the tables are now; without deferred tokens. */
  async read(from: Date, to: Date): Promise<ScopeSums[]> {
    const rows = await this.run(this.statements.readSums(from, to));
    return rows.map(({ scope, stored, used, released, refused, users }) => ({
      scope,
      stored: Number(stored),
      deferred: 0,
      used: Number(used),
      released: Number(released),
      refused: JSON.parse(refused) as Record<string, number>,
      users: JSON.parse(users) as number[],
    }));
  }

  /** What is kept of the periods that begin from the first moment on, and before the second. */
  async find(period: 'hour' | 'day', from: Date, to: Date): Promise<RequestTokenStatistic[]> {
    const rows = await this.run(this.statements.findSums(period, from, to));
    return rows.map((row) => this.statements.tables.statistic.read(row));
  }

  /** The hours that are summed up, as milliseconds, and whether uses of theirs were pending then. */
  async summedHours(from: Date, to: Date): Promise<Map<number, { isPending: boolean }>> {
    const rows = await this.run(this.statements.findHours(from, to));
    const date = columnType('timestamptz').fromText as (text: string) => Date;
    return new Map(
      rows.map(({ hour, isPending }) => [date(hour).getTime(), { isPending: isPending === 'true' }]),
    );
  }

  /** Keeps what there is not yet. */
  async insert(sums: RequestTokenStatistic[]): Promise<void> {
    await this.run(this.statements.insertSums(sums));
  }

  /** Adds deferred tokens to their hours. */
  async countDeferred(counts: { beginsAt: Date; scope: string; deferred: number }[]): Promise<void> {
    await this.run(this.statements.countDeferred(counts));
  }

  /** Hours before this one are not summed up again. */
  async endPending(before: Date): Promise<void> {
    await this.run(this.statements.endPending(before));
  }

  /** When the first token was issued, or the first attempt made, from a moment on; undefined if there is none. */
  async firstSince(from: Date): Promise<Date | undefined> {
    const [{ token, log }] = await this.run(this.statements.findFirst(from));
    const times = [token, log].flatMap((id) => (id === null ? [] : millisecondsOf(id)));
    return times.length > 0 ? new Date(Math.min(...times)) : undefined;
  }

  private run<Row>(call: StatementCall<Row>): Promise<Row[]> {
    return this.queries.run(call, { deadline: this.bounds.bulk() });
  }

  /** Made at first use: the DataSource may be initialized by hand, after the modules. */
  private get statements() {
    return (this.made ??= this.makeStatements());
  }

  private makeStatements() {
    const tables: sql.SumTables = {
      token: this.entities.rowsOf(RequestToken),
      log: this.entities.rowsOf(RequestTokenLog),
      statistic: this.entities.rowsOf(RequestTokenStatistic),
    };
    return {
      tables,
      keepSums: sql.keepSums(tables),
      keepEmptyHours: sql.keepEmptyHours(tables),
      readSums: sql.readSums(tables),
      findSums: sql.findSums(tables),
      findHours: sql.findHours(tables),
      insertSums: sql.insertSums(tables),
      countDeferred: sql.countDeferred(tables),
      endPending: sql.endPending(tables),
      findFirst: sql.findFirst(tables),
    };
  }
}
