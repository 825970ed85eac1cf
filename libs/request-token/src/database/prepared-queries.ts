import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Connections } from './connections.js';
import type { Deadline } from './deadline.js';
import { isLostPlan, Plans } from './plans.js';
import { Requirement } from './requirement.js';
import { retrying } from './retries.js';
import type { Statement, StatementCall } from './statement.js';
import { StatementBounds } from './statement-bounds.js';

export interface RunOptions {
  /** Runs it inside a transaction of the caller, with whatever bounds that has. */
  manager?: EntityManager;
  /** By when it has to be done, retries included. Default: what a reader waits for. */
  deadline?: Deadline;
}

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
    private readonly requirement: Requirement,
  ) {}

  /**
   * One round trip, as a rule.
   *
   * @throws NotSent, QueryFailedError; `isOutcomeUnknown` tells whether it may have been committed
   * @throws as {@link assertRunnable}: it was not sent
   */
  async run<Row>(
    { statement, values }: StatementCall<Row>,
    { manager, deadline = this.bounds.soon() }: RunOptions = {},
  ): Promise<Row[]> {
    if (!this.requirement.isMet) await this.assertRunnable(manager);
    if (manager) return manager.query<Row[]>(statement.text, values);
    return retrying(() => this.runPlanned<Row>(statement, values, deadline), deadline);
  }

  /**
   * Asks what the first statement has to ask, unless it is known to be so.
   *
   * @param manager whose transaction may hold the only connection that there is
   * @throws whatever says that the {@link Requirement} is not met; NotSent, QueryFailedError if that is unknown
   */
  async assertRunnable(manager?: EntityManager): Promise<void> {
    if (this.requirement.isMet) return;
    if (manager) {
      await this.requirement.assertMet((sql, values) => manager.query(sql, values));
      return;
    }
    const deadline = this.bounds.soon();
    await this.requirement.assertMetForAll((text, values) =>
      retrying(() => this.connections.send({ text, values }, deadline), deadline),
    );
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
