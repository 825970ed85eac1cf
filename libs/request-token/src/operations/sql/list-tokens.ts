import { plannedEachTime, type StatementCall } from '../../database/statement.js';
import { toTimestamp } from '../../database/timestamp.js';
import type { EntityRows, TextRow } from '../../entities/entity-rows.js';
import type { RequestToken } from '../../entities/request-token.entity.js';
import type { RequestTokenState } from '../../entities/token-state.js';
import type { Moment } from '../../common/clock.js';
import { Conditions } from './conditions.js';
import { MOST_READ, pageOf, type ReadForPage } from './page-of.js';

export interface TokensWanted {
  userId?: string;
  scope?: string;
  state?: RequestTokenState;
  /** Bounds of ids: the first included, the second not. */
  from?: string;
  before?: string;
  moment: Moment;
  limit: number;
}

/** Tokens in the order of their ids, the newest first. By an index whatever is asked for; a state is looked for in them. */
export function listTokens(
  token: EntityRows<RequestToken>,
  { userId, scope, state, from, before, moment, limit }: TokensWanted,
): StatementCall<ReadForPage & (TextRow<RequestToken> | { id: null })> {
  const t = (property: Parameters<typeof token.quoted>[0]) => `token.${token.quoted(property)}`;
  const conditions = new Conditions()
    .add(userId, (value) => `${t('userId')} = ${value}`)
    .add(scope, (value) => `${t('scope')} = ${value}`)
    .add(from, (value) => `${t('id')} >= ${value}::uuid`)
    .add(before, (value) => `${t('id')} < ${value}::uuid`);
  const latest = conditions.parameter(toTimestamp(moment.latest));
  const earliest = conditions.parameter(toTimestamp(moment.earliest));
  const most = conditions.parameter(state === undefined ? limit : MOST_READ);
  const read = `
        SELECT ${token.selection('token')},
          CASE
            WHEN ${t('revokedAt')} IS NOT NULL THEN 'revoked'
            WHEN ${t('expiresAt')} <= ${earliest}::timestamptz THEN 'expired'
            WHEN ${t('notBefore')} > ${latest}::timestamptz THEN 'not_yet_valid'
            WHEN ${t('useCount')} >= ${t('maxUses')} THEN 'exhausted'
            ELSE 'usable'
          END AS "state"
        FROM ${token.table} AS token WHERE ${conditions.toString()} ORDER BY ${t('id')} DESC LIMIT ${most}`;
  const isMeant = state === undefined ? 'true' : `"state" = ${conditions.parameter(state)}`;
  const text = pageOf(read, isMeant, conditions.parameter(limit));
  return { statement: plannedEachTime(text), values: conditions.values };
}
