import { QueryFailedError } from 'typeorm';
import { TooLate } from './deadline.js';

/** There was no connection to send a statement on, or none that could execute it, and so it was not executed. */
export class NotSent extends Error {
  constructor(override readonly cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause));
  }
}

const causeOf = (error: unknown): unknown => {
  if (error instanceof QueryFailedError) return error.driverError;
  return error instanceof NotSent ? error.cause : error;
};

/** SQLSTATE (PostgreSQL, appendix A), also of an error that was wrapped. */
export function sqlStateOf(error: unknown): string | undefined {
  const { code } = causeOf(error) as { code?: unknown };
  // Not EPIPE: no class of SQLSTATE begins with E.
  return typeof code === 'string' && /^(?!E)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** Whether it took longer than it may, by this process's bound or (query_canceled) by the server's. */
export const isTooLate = (error: unknown): boolean =>
  causeOf(error) instanceof TooLate || sqlStateOf(error) === '57014';

/** Values that do not fit their type, such as `'x'` for a number. */
export const isDataException = (error: unknown): boolean => sqlStateOf(error)?.startsWith('22') ?? false;

/**
 * Whether it was what the statement contains that was refused: by a type, a constraint, a trigger, the
 * check of a view. The same statement with other rows in it might pass.
 */
export const isAboutContent = (error: unknown): boolean => /^(22|23|44|P0)/.test(sqlStateOf(error) ?? '');

/** serialization_failure, deadlock_detected: nothing was committed, and the next attempt may well succeed. */
export const isConflict = (error: unknown): boolean => /^(40001|40P01)$/.test(sqlStateOf(error) ?? '');

/**
 * Whether a statement may have been committed although it failed: the connection was lost before the
 * server said how it ended. Classes 08 (connection exception) and 57P (operator intervention) are such ends,
 * but for idle_session_timeout, which ends a connection that has nothing to do.
 */
export function isOutcomeUnknown(error: unknown): boolean {
  const state = sqlStateOf(error);
  const wasSent = error instanceof QueryFailedError;
  return wasSent && (state === undefined || /^(08|40003|57P(?!05))/.test(state));
}

/**
 * Whether the statement was not executed because of its connection, and may be on another one:
 * idle_session_timeout, read_only_sql_transaction (of a server that was the primary until a moment ago), and
 * in_failed_sql_transaction, of a transaction that somebody left open. A connection that could not be opened belongs
 * here; that the pool had none to give does not.
 */
export function isForAnotherConnection(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (!(error instanceof NotSent)) return /^(57P05|25006|25P02)$/.test(state ?? '');
  if (state !== undefined) return /^(08|53|57P)/.test(state);
  return isNotQueryable(error.cause) || (error.cause as { code?: unknown }).code !== undefined;
}

/**
 * Whether the connection that said so can do no more, or nothing of use. The pool keeps it when it is given
 * back, so whoever gives it back has to end it.
 */
export const isEndOfConnection = (error: unknown): boolean =>
  /^(08|57P|25006|25P02|40003)/.test(sqlStateOf(error) ?? '08');

/** Of class 42: the server has not what a statement names, does not know its syntax, or does not allow it. */
export const isNotAccepted = (error: unknown): boolean => sqlStateOf(error)?.startsWith('42') ?? false;

/** syntax_error: of a server that is too old for it. */
export const isSyntaxError = (error: unknown): boolean => sqlStateOf(error) === '42601';

/** read_only_sql_transaction: it was not executed. */
export const isReadOnly = (error: unknown): boolean => sqlStateOf(error) === '25006';

/** What node-postgres says when a connection was lost before the statement came. */
export const isNotQueryable = (error: unknown): boolean =>
  error instanceof Error && error.message.endsWith('is not queryable');
