import { newId } from '../common/uuid.js';
import type { ColumnOf, ColumnsOf } from '../entities/entity-rows.js';
import type { RequestTokenLog } from '../entities/request-token-log.entity.js';

/** Everything that a log row says. */
export type LogRow = ColumnsOf<RequestTokenLog>;

/** What is known of an attempt only when it has ended; `repeats` is about attempts that were refused. */
export const KNOWN_AT_THE_END = [
  'statusCode',
  'durationMs',
  'repeats',
] as const satisfies ColumnOf<RequestTokenLog>[];

/**
 * A log row as it is written when a use is taken. It is made once, by whoever knows the facts, and never copied
 * for a use: to copy it takes longer than to make it.
 */
export type LogEntry = Omit<LogRow, (typeof KNOWN_AT_THE_END)[number]>;

/** What is logged of an attempt outside HTTP: who, and when. */
export const entryOutsideHttp = (
  facts: Pick<LogEntry, 'tokenId' | 'outcome' | 'userId' | 'startedAt'>,
): LogEntry => ({
  id: newId(),
  tokenId: facts.tokenId,
  outcome: facts.outcome,
  userId: facts.userId,
  clientIp: null,
  userAgent: null,
  method: null,
  path: null,
  startedAt: facts.startedAt,
});
