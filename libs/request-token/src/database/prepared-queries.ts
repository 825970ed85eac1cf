import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Connections } from './connections.js';
import { isConflict, isForAnotherConnection, NotSent } from './database-errors.js';
import { type Deadline, millisecondsUntil } from './deadline.js';
import { isLostPlan, Plans } from './plans.js';
import { StatementBounds } from './statement-bounds.js';
import type { Statement } from './statement.js';

export interface RunOptions {
  /** Runs it inside a transaction of the caller, with whatever bounds that has. */
  manager?: EntityManager;
  /** By when it has to be done, retries included. Default: what a reader waits for. */
  deadline?: Deadline;
}

/** All connections of a pool may have the same trouble: more than most pools have. */
const MOST_CONNECTIONS = 20;

/** A server to which no connection can be made now may take one in a moment. */
const MOST_NEW_CONNECTIONS = 3;

/** Longest time between two attempts. */
const LONGEST_PAUSE_MS = 100;

/**
 * Runs statements, with plans that are kept where that is safe, within a bound, and again where it is certain that
 * nothing was done.
 */
@Injectable()
export class PreparedQueries {
  private readonly plans = new Plans();

  constructor(
    private readonly connections: Connections,
    private readonly bounds: StatementBounds,
  ) {}

  /**
   * One round trip, as a rule.
   *
   * @throws NotSent, QueryFailedError; `isOutcomeUnknown` tells whether it may have been committed
   */
  async run<Row>(
    statement: Statement,
    values: unknown[],
    { manager, deadline = this.bounds.soon() }: RunOptions = {},
  ): Promise<Row[]> {
    if (manager) return manager.query<Row[]>(statement.text, values);
    for (let failures = 1; ; failures++) {
      try {
        return await this.runPlanned<Row>(statement, values, deadline);
      } catch (error) {
        const pause = pauseAfter(error, failures);
        if (pause === undefined || pause >= millisecondsUntil(deadline)) throw error;
        if (pause > 0) await setTimeout(pause);
      }
    }
  }

  private async runPlanned<Row>(statement: Statement, values: unknown[], deadline: Deadline): Promise<Row[]> {
    const { name, text } = this.plans.of(statement);
    try {
      const rows = await this.connections.send<Row>({ name, text, values }, deadline);
      if (name) this.plans.worked(statement);
      return rows;
    } catch (error) {
      if (!name || !isLostPlan(error)) throw error;
      this.plans.lost(statement, name);
    }
    // Not by its next name: that may be lost, too, and somebody waits.
    return this.connections.send<Row>({ text: statement.text, values }, deadline);
  }
}

/** Milliseconds until a failed statement can be sent again; undefined if it must not be, or is not worth it. */
function pauseAfter(error: unknown, failures: number): number | undefined {
  const pause = Math.random() * Math.min(2 ** failures, LONGEST_PAUSE_MS);
  if (isConflict(error)) return pause;
  if (!isForAnotherConnection(error)) return undefined;
  if (error instanceof NotSent) return failures < MOST_NEW_CONNECTIONS ? pause : undefined;
  return failures < MOST_CONNECTIONS ? 0 : undefined;
}
