import { Inject, Injectable } from '@nestjs/common';
import { DataSource, QueryFailedError, type QueryRunner } from 'typeorm';
import { REQUEST_TOKEN_DATA_SOURCE } from '../request-token.constants.js';
import { type Cancellable, requestCancel } from './cancel-request.js';
import { ConnectionErrors } from './connection-errors.js';
import { isEndOfConnection, isNotQueryable, NotSent } from './database-errors.js';
import { type Deadline, deadlineIn, millisecondsUntil, TooLate, within } from './deadline.js';

export interface Query {
  /** PostgreSQL keeps the plan under it, for as long as the connection lives. */
  name?: string;
  text: string;
  values: unknown[];
}

/** What is used of node-postgres, or of what takes its place. */
interface PostgresClient extends Cancellable {
  query(query: Query): Promise<{ rows: unknown[] }>;
  end?(): Promise<void> | undefined;
}

/** Most of the time until a deadline that is kept for the server to say that it has given up. */
const LAST_WORD_MS = 200;

/**
 * Sends one statement on one connection of the app's pool, to the primary. TypeORM can neither name a statement
 * nor bound it, so the connection is asked directly; TypeORM's logger is told as ever.
 *
 * The bound is kept by this process, since a connection that has gone silent answers no other. One that has not
 * answered in time is ended, and so is one that says that it is of no more use: the pool would lend it again.
 */
@Injectable()
export class Connections {
  constructor(
    @Inject(REQUEST_TOKEN_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly errors: ConnectionErrors,
  ) {}

  /**
   * @throws NotSent if there was no connection in time, or only a dead one
   * @throws QueryFailedError if it failed, or was not answered in time
   */
  async send<Row>(query: Query, deadline: Deadline): Promise<Row[]> {
    this.errors.listen();
    const { logger, options } = this.dataSource;
    const runner = this.dataSource.createQueryRunner('master');
    const client = await this.connect(runner, deadline);
    logger.logQuery(query.text, query.values, runner);
    const startedAt = Date.now();
    try {
      const { rows } = await this.answer(client, query, deadline);
      const milliseconds = Date.now() - startedAt;
      if (options.maxQueryExecutionTime && milliseconds > options.maxQueryExecutionTime) {
        logger.logQuerySlow(milliseconds, query.text, query.values, runner);
      }
      return rows as Row[];
    } catch (error) {
      if (isEndOfConnection(error)) end(client);
      logger.logQueryError(error as Error, query.text, query.values, runner);
      if (isNotQueryable(error)) throw new NotSent(error);
      throw new QueryFailedError(query.text, query.values, error as Error);
    } finally {
      await runner.release();
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
    const client = await this.connect(runner, deadline);
    try {
      return await within(ask(runner), deadline);
    } catch (error) {
      const isTooLate = error instanceof TooLate;
      if (isTooLate) requestCancel(client);
      if (isTooLate || (error instanceof QueryFailedError && isEndOfConnection(error))) end(client);
      throw error instanceof QueryFailedError && isNotQueryable(error.driverError)
        ? new NotSent(error)
        : error;
    } finally {
      await runner.release();
    }
  }

  private async connect(runner: QueryRunner, deadline: Deadline): Promise<PostgresClient> {
    const connecting = runner.connect() as Promise<PostgresClient>;
    try {
      return await within(connecting, deadline);
    } catch (error) {
      // It may still come, and has to go back then.
      const release = () => runner.release();
      void connecting.then(release, release);
      throw new NotSent(error);
    }
  }

  private async answer(
    client: PostgresClient,
    query: Query,
    deadline: Deadline,
  ): Promise<{ rows: unknown[] }> {
    const lastWord = Math.min(LAST_WORD_MS, millisecondsUntil(deadline) / 4);
    const answer = client.query(query);
    try {
      return await within(answer, deadline - lastWord);
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
    }
    requestCancel(client);
    try {
      return await within(answer, deadlineIn(lastWord));
    } finally {
      // It would be whatever comes next on this connection that is canceled, if this has just ended.
      end(client);
    }
  }
}

/** The pool leaves out what has ended when it is given back. */
function end(client: PostgresClient): void {
  client.end?.()?.catch(() => undefined);
}
