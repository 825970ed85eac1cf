import { QueryFailedError } from 'typeorm';

/** SQLSTATE (PostgreSQL, appendix A), also of an error that TypeORM has wrapped. */
export function sqlStateOf(error: unknown): string | undefined {
  const { code } = (error instanceof QueryFailedError ? error.driverError : error) as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** Values that do not fit their type, such as `'x'` for a number. */
export const isDataException = (error: unknown): boolean => sqlStateOf(error)?.startsWith('22') ?? false;

/**
 * Whether it was what the statement contains that was refused: by a type, a constraint, a trigger, the
 * check of a view. The same statement with other rows in it might pass.
 */
export const isAboutContent = (error: unknown): boolean => /^(22|23|44|P0)/.test(sqlStateOf(error) ?? '');

/**
 * Whether a statement may have been committed although it failed: the connection was lost before the
 * server said how it ended. Classes 08 (connection exception) and 57P (operator intervention) are such ends.
 */
export function isOutcomeUnknown(error: unknown): boolean {
  const wasSent = error instanceof QueryFailedError;
  const state = sqlStateOf(error);
  return wasSent && (state === undefined || /^(08|57P)/.test(state));
}
