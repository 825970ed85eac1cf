import type { Lock } from './lock-lanes.js';
import type { PlanLife } from './table-size.js';

export interface Statement {
  readonly text: string;
  /**
   * When PostgreSQL may keep its plan for as long as a connection lives: always, never, or while tables are so big
   * that no plan would read all of them.
   */
  readonly keepsPlan: boolean | PlanLife;
}

/** A statement, and the values of its parameters in the order of their numbers. */
export interface StatementCall<Row> {
  readonly statement: Statement;
  readonly values: unknown[];
  /** Never there; it tells the compiler what the statement returns. */
  readonly row?: Row;
}

/** A statement that looks at no table: its plan is good for ever. */
export const prepared = (text: string): Statement => ({ text, keepsPlan: true });

/**
 * A statement that looks rows of a table up. A plan that was made while the table was small reads all of it, and
 * goes on to do so, however much it grows, until it is analyzed.
 */
export const preparedWhileBig = (text: string, size: PlanLife): Statement => ({ text, keepsPlan: size });

/** A statement that is planned each time. */
export const plannedEachTime = (text: string): Statement => ({ text, keepsPlan: false });

/** A statement that leaves locked rows out, and the same that waits for them. */
export const byLock = (statement: (lock: Lock) => Statement): Record<Lock, Statement> => ({
  skip: statement('skip'),
  wait: statement('wait'),
});

/** SQL: how rows are locked that are about to be changed. */
export const lockedRows = (lock: Lock, strength = 'NO KEY UPDATE'): string =>
  `FOR ${strength} ${lock === 'skip' ? 'SKIP LOCKED' : ''}`;
