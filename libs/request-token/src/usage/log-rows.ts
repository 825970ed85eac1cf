import type { EntityNames } from '../entities/entity-names.js';
import { RequestTokenLog, type RequestTokenOutcome } from '../entities/request-token-log.entity.js';
import { asSeconds, asText, toDate } from './token-rows.js';

type Column = Exclude<keyof RequestTokenLog, 'token'>;

const READ = {
  id: asText,
  tokenId: asText,
  userId: asText,
  // A cast to text would add the length of the netmask.
  clientIp: (column: string) => `host(${column})`,
  userAgent: asText,
  method: asText,
  path: asText,
  statusCode: asText,
  outcome: asText,
  startedAt: asSeconds,
  durationMs: asText,
  repeats: asText,
} as const satisfies Record<Column, (column: string) => string>;

/** A row of `request_token_log` as {@link logRow} selects it. */
export type LogRow = {
  [Property in Column]: string | (null extends RequestTokenLog[Property] ? null : never);
};

/** SQL: what to select for a {@link LogRow}. */
export const logRow = ({ quoted }: EntityNames<RequestTokenLog>): string =>
  Object.entries(READ)
    .map(([property, read]) => `${read(quoted(property as Column))} AS "${property}"`)
    .join(', ');

export const toLog = (row: LogRow): RequestTokenLog =>
  Object.assign(new RequestTokenLog(), row, {
    outcome: row.outcome as RequestTokenOutcome,
    statusCode: row.statusCode === null ? null : Number(row.statusCode),
    startedAt: toDate(row.startedAt),
    durationMs: row.durationMs === null ? null : Number(row.durationMs),
    repeats: Number(row.repeats),
  });
