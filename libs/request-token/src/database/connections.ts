import { Inject, Injectable } from '@nestjs/common';
import { DataSource, QueryFailedError, type QueryRunner } from 'typeorm';
import { REQUEST_TOKEN_DATA_SOURCE } from '../common/constants.js';
import { ConnectionErrors } from './connection-errors.js';
import { ConnectionShare } from './connection-share.js';
import { isEndOfConnection, isNotQueryable, isReadOnly, NotSent } from './database-errors.js';
import { type Deadline, TooLate, within } from './deadline.js';

export interface Query {
  /** PostgreSQL keeps the plan under it, for as long as the connection lives. */
  name?: string;
  text: string;
  values: unknown[];
}

/** What is used of node-postgres, or of what takes its place. */
interface PostgresClient {
  query(query: Query): Promise<{ rows: unknown[] }>;
  end?(): Promise<void> | undefined;
}

/** Of node-postgres, or what takes its place. */
interface Pool {
  options?: { max?: number };
}

/** What is taken from the pool, to be given back once. */
interface Lent {
  client: PostgresClient;
  giveBack: () => Promise<void>;
}

/** Left to the app, but for half of a small pool. */
const LEFT_TO_APP = 2;

/** Of a pool whose size is unknown. */
const DEFAULT_SHARE = 5;

/**
 * Sends one statement on one connection of the app's pool, to the primary. TypeORM can neither name a statement
 * nor bound it, so the connection is asked directly; TypeORM's logger is told as ever.
 *
 * The bound is kept by this process, since a connection that has gone silent answers no other. One that has not
 * answered in time is ended, and so is one that says that it is of no more use: the pool would lend it again.
 *
 * Some of the pool is never taken, so that the app has it, whatever the others wait for. The pool
 * forgets nobody who waits for a connection, so those who have given up still count until theirs has come.
 */
@Injectable()
export class Connections {
  private pool?: Pool;
  private share = new ConnectionShare(DEFAULT_SHARE);

  constructor(
    @Inject(REQUEST_TOKEN_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly errors: ConnectionErrors,
  ) {}

  /**
   * @throws NotSent if there was no connection in time, or only a dead one; or a new one that is read-only, as all
   *   others would be
   * @throws QueryFailedError if it failed, or was not answered in time
   */
  async send<Row>(query: Query, deadline: Deadline): Promise<Row[]> {
    this.errors.listen();
    const askedAt = performance.now();
    const { logger, options } = this.dataSource;
    const runner = this.dataSource.createQueryRunner('master');
    const { client, giveBack } = await this.connect(runner, deadline);
    logger.logQuery(query.text, query.values, runner);
    const startedAt = Date.now();
    try {
      const { rows } = await within(client.query(query), deadline);
      const milliseconds = Date.now() - startedAt;
      if (options.maxQueryExecutionTime && milliseconds > options.maxQueryExecutionTime) {
        logger.logQuerySlow(milliseconds, query.text, query.values, runner);
      }
      return rows as Row[];
    } catch (error) {
      if (isEndOfConnection(error)) end(client);
      logger.logQueryError(error as Error, query.text, query.values, runner);
      const isServerReadOnly = isReadOnly(error) && this.errors.isOpenedSince(client, askedAt);
      if (isNotQueryable(error) || isServerReadOnly) throw new NotSent(error);
      throw new QueryFailedError(query.text, query.values, error as Error);
    } finally {
      await giveBack();
    }
  }

  /**
   * Lends a connection for what TypeORM itself asks, within the bound.
   *
   * @throws NotSent, QueryFailedError as {@link send}; TooLate
   */
  async lend<Result>(ask: (runner: QueryRunner) => Promise<Result>, deadline: Deadline): Promise<Result> {
    this.errors.listen();
    const runner = this.dataSource.createQueryRunner('master');
    const { client, giveBack } = await this.connect(runner, deadline);
    try {
      return await within(ask(runner), deadline);
    } catch (error) {
      const isTooLate = error instanceof TooLate;
      if (isTooLate || (error instanceof QueryFailedError && isEndOfConnection(error))) end(client);
      throw error instanceof QueryFailedError && isNotQueryable(error.driverError)
        ? new NotSent(error)
        : error;
    } finally {
      await giveBack();
    }
  }

  private async connect(runner: QueryRunner, deadline: Deadline): Promise<Lent> {
    const share = this.currentShare();
    try {
      const turn = share.take(deadline);
      if (turn) await turn;
    } catch (error) {
      throw new NotSent(error);
    }
    const giveBack = () => runner.release().finally(() => share.giveBack());
    const connecting = runner.connect() as Promise<PostgresClient>;
    try {
      return { client: await within(connecting, deadline), giveBack };
    } catch (error) {
      // It may still come, and has to go back then.
      void connecting.then(giveBack, giveBack);
      throw new NotSent(error);
    }
  }

  /** A DataSource that is initialized anew has a new pool; whoever waited for the old one may wait for ever. */
  private currentShare(): ConnectionShare {
    const { master } = this.dataSource.driver as { master?: Pool };
    if (master !== this.pool) {
      this.pool = master;
      const size = master?.options?.max;
      this.share = new ConnectionShare(size ? shareOf(size) : DEFAULT_SHARE);
    }
    return this.share;
  }
}

const shareOf = (poolSize: number): number => Math.max(1, Math.floor(poolSize / 2), poolSize - LEFT_TO_APP);

/** The pool leaves out what has ended when it is given back. */
function end(client: PostgresClient): void {
  client.end?.()?.catch(() => undefined);
}
