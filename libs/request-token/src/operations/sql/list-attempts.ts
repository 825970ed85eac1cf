import { plannedEachTime, type StatementCall } from '../../database/statement.js';
import type { EntityRows, TextRow } from '../../entities/entity-rows.js';
import type { RequestToken } from '../../entities/request-token.entity.js';
import type { RequestTokenLog } from '../../entities/request-token-log.entity.js';
import { Conditions } from './conditions.js';
import { MOST_READ, pageOf, type ReadForPage } from './page-of.js';

export interface AttemptsWanted {
  tokenId?: string;
  outcome?: string;
  scope?: string;
  clientIp?: string;
  /** Bounds of ids: the first included, the second not. */
  from?: string;
  before?: string;
  limit: number;
}

interface Tables {
  token: EntityRows<RequestToken>;
  log: EntityRows<RequestTokenLog>;
}

type AttemptRow = TextRow<RequestTokenLog> & { scope: string | null };

/**
 * Log rows in the order of their ids, the newest first, with the scope of their token. By an index; what else is asked
 * for is looked for in them.
 */
export function listAttempts(
  { token, log }: Tables,
  { tokenId, outcome, scope, clientIp, from, before, limit }: AttemptsWanted,
): StatementCall<ReadForPage & (AttemptRow | { id: null })> {
  const l = (property: Parameters<typeof log.quoted>[0]) => `log.${log.quoted(property)}`;
  const conditions = new Conditions()
    .add(tokenId, (value) => `${l('tokenId')} = ${value}::uuid`)
    .add(from, (value) => `${l('id')} >= ${value}::uuid`)
    .add(before, (value) => `${l('id')} < ${value}::uuid`);
  const isFiltered = [outcome, scope, clientIp].some((value) => value !== undefined);
  const most = conditions.parameter(isFiltered ? MOST_READ : limit);
  // A look-up for each row, whatever the planner knows of the table.
  const read = `
        SELECT ${log.selection('log')},
          (SELECT token.${token.quoted('scope')}::text FROM ${token.table} AS token
            WHERE token.${token.quoted('id')} = ${l('tokenId')}) AS "scope"
        FROM ${log.table} AS log WHERE ${conditions.toString()} ORDER BY ${l('id')} DESC LIMIT ${most}`;
  const filters = new Conditions();
  filters.values.push(...conditions.values);
  filters
    .add(outcome, (value) => `"outcome" = ${value}`)
    .add(scope, (value) => `"scope" = ${value}`)
    .add(clientIp, (value) => `"clientIp" = host(${value}::inet)`);
  const text = pageOf(read, filters.toString(), filters.parameter(limit));
  return { statement: plannedEachTime(text), values: filters.values };
}
