import { setTimeout } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DataSource, QueryFailedError } from 'typeorm';
import { RequestTokenClock } from '../common/clock.js';
import { LOG_CONTEXT, REQUEST_TOKEN_DATA_SOURCE } from '../common/constants.js';
import { summarizeThrown } from '../common/thrown.js';
import { leastIdAt } from '../common/uuid.js';
import { PreparedQueries } from '../database/prepared-queries.js';
import { StatementBounds } from '../database/statement-bounds.js';
import { KnownEntities } from '../entities/known-entities.js';
import { RequestTokenLog } from '../entities/request-token-log.entity.js';
import { createPartition, dropPartition, findPartitions, type Partition } from './sql/partitions.js';

/** Months, beside the current one, that there are partitions for. */
const MONTHS_AHEAD = 3;

/** For a table that others use: whoever waits for it holds up all that come later. */
const LOCK_TIMEOUT_MS = 100;
const MOST_TRIES = 20;
const PAUSE_MS = 250;
const LOCK_NOT_AVAILABLE = '55P03';

/** Another process makes the same at the same time: the name is taken (by a row of the catalogue), or the month. */
const MADE_MEANWHILE = ['42P07', '23505', '42P17'];

/** What became of the partitions whose months are over. */
export interface Dropped {
  count: number;
  /** The least id behind all of them, also of those that are in use and have to wait for another time; if there are any. */
  behind?: string;
}

/** A process that lives for long makes the partitions of months to come, whoever calls `maintain`, or nobody. */
const EVERY_MS = 24 * 3_600_000;

/** The partitions of the log, where it has some: one for each month of its ids. */
@Injectable()
export class Partitions implements OnApplicationBootstrap, OnModuleDestroy {
  private timer?: NodeJS.Timeout;
  private readonly logger = new Logger(LOG_CONTEXT);

  constructor(
    @Inject(REQUEST_TOKEN_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly entities: KnownEntities,
    private readonly queries: PreparedQueries,
    private readonly bounds: StatementBounds,
    private readonly clock: RequestTokenClock,
  ) {}

  /** A month without a partition has no room for attempts, and so no link would work in it. */
  async onApplicationBootstrap(): Promise<void> {
    this.timer = setInterval(() => void this.tryToMakeAhead(), EVERY_MS).unref();
    await this.tryToMakeAhead();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async tryToMakeAhead(): Promise<void> {
    if (!this.dataSource.isInitialized) return;
    try {
      await this.makeAhead();
    } catch (error) {
      this.logger.warn(`Partitions of the log could not be made: ${summarizeThrown(error)}`);
    }
  }

  /** Makes those of this month, and of the next ones. */
  async makeAhead(): Promise<void> {
    const partitions = await this.find();
    if (partitions.length === 0) return;
    const now = this.clock.now();
    for (let ahead = 0; ahead <= MONTHS_AHEAD; ahead++) {
      const month = monthOf(now, ahead);
      const from = leastIdAt(month);
      if (
        !partitions.some(
          ({ from: first, to }) => (first === null || first <= from) && (to === null || from < to),
        )
      ) {
        await this.change(createPartition(this.log, month, monthOf(now, ahead + 1)));
      }
    }
  }

  /** Drops those all of whose ids are from before; but the first that is in use, a backup say, and those after it. */
  async dropBefore(moment: Date): Promise<Dropped> {
    const bound = leastIdAt(moment);
    const old = (await this.find())
      .filter((one): one is Partition & { to: string } => one.to !== null && one.to <= bound)
      .sort((one, other) => (one.to < other.to ? -1 : 1));
    const behind = old.at(-1)?.to;
    for (const [count, { name }] of old.entries()) {
      try {
        await this.change(dropPartition(name));
      } catch (error) {
        if (codeOf(error) !== LOCK_NOT_AVAILABLE) throw error;
        this.logger.warn(
          `${name} is in use. It is dropped by the next call of maintain, if it is free then.`,
        );
        return { count, behind };
      }
    }
    return { count: old.length, behind };
  }

  /** None if the log is not partitioned. */
  private find(): Promise<Partition[]> {
    return this.queries.run(findPartitions(this.log.table), { deadline: this.bounds.bulk() });
  }

  private async change(statements: string[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.dataSource.transaction(async (manager) => {
          await manager.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
          for (const sql of statements) await manager.query(sql);
        });
        return;
      } catch (error) {
        if (MADE_MEANWHILE.includes(codeOf(error))) return;
        if (tries >= MOST_TRIES || codeOf(error) !== LOCK_NOT_AVAILABLE) throw error;
        await setTimeout(PAUSE_MS);
      }
    }
  }

  private get log() {
    return this.entities.rowsOf(RequestTokenLog);
  }
}

const codeOf = (error: unknown): string =>
  error instanceof QueryFailedError ? String((error.driverError as { code?: unknown }).code) : '';

/** When a month begins, in UTC. */
const monthOf = (moment: Date, ahead: number): Date =>
  new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + ahead));
