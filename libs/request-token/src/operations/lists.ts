import { Injectable } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import { validate as isUuid } from 'uuid';
import { RequestTokenClock } from '../common/clock.js';
import { RequestTokenErrorCode } from '../common/exception.js';
import { assertScope } from '../common/scope.js';
import { leastIdAt } from '../common/uuid.js';
import { PreparedQueries } from '../database/prepared-queries.js';
import { KnownEntities } from '../entities/known-entities.js';
import { RequestToken } from '../entities/request-token.entity.js';
import { RequestTokenLog } from '../entities/request-token-log.entity.js';
import { stateOf, TOKEN_STATES } from '../entities/token-state.js';
import { RecipientsOf } from '../users/recipients-of.js';
import { type AttemptsOptions, checkAttemptsOptions, type ListedAttempt } from './attempts-options.js';
import { assertMoments } from './given-moments.js';
import { checkListOptions, type ListedToken, type ListOptions } from './list-options.js';
import { afterId, lastIdOf, limitOf, type Page } from './page.js';
import { listAttempts } from './sql/list-attempts.js';
import { listTokens } from './sql/list-tokens.js';
import { MOST_READ, type ReadForPage } from './sql/page-of.js';

export const OUTCOMES = ['pending', 'used', 'released', ...Object.values(RequestTokenErrorCode)] as const;

/** Tokens and attempts, page by page. Each page is one round trip. */
@Injectable()
export class Lists {
  constructor(
    private readonly entities: KnownEntities,
    private readonly queries: PreparedQueries,
    private readonly recipients: RecipientsOf,
    private readonly clock: RequestTokenClock,
  ) {}

  /** @throws TypeError if the options make no sense */
  async tokens(options: ListOptions): Promise<Page<ListedToken>> {
    checkListOptions(options);
    const { user, scope, state, issuedFrom, issuedTo } = options;
    if (scope !== undefined) assertScope(scope);
    assertOneOf('list', 'state', state, TOKEN_STATES);
    assertMoments('list', options, ['issuedFrom', 'issuedTo']);
    const limit = limitOf('list', options);
    const before = earlier(lastIdOf('list', options), issuedTo);
    const recipients = await this.recipients.of();
    const userId = await recipients.givenKey(user, undefined, 'fail');
    const token = this.entities.rowsOf(RequestToken);
    const moment = this.clock.moment();
    const from = issuedFrom && leastIdAt(issuedFrom);
    const wanted = { userId, scope, state, from, before, moment, limit: limit + 1 };
    const rows = await this.queries.run(listTokens(token, wanted));
    const found = rows.flatMap((row) => (row.id === null ? [] : [token.read(row)]));
    return pageOf(
      found.map((each) => Object.assign(each, { state: stateOf(each, moment) })),
      limit,
      rows[0],
    );
  }

  /** @throws TypeError if the options make no sense */
  async attempts(options: AttemptsOptions): Promise<Page<ListedAttempt>> {
    checkAttemptsOptions(options);
    const { tokenId, outcome, scope, clientIp, from, to } = options;
    if (tokenId !== undefined && !isUuid(tokenId)) throw new TypeError('attempts: tokenId must be a uuid');
    if (scope !== undefined) assertScope(scope);
    if (clientIp !== undefined && !isAddress(clientIp)) {
      throw new TypeError('attempts: clientIp must be an IP address');
    }
    assertOneOf('attempts', 'outcome', outcome, OUTCOMES);
    assertMoments('attempts', options, ['from', 'to']);
    const limit = limitOf('attempts', options);
    const before = earlier(lastIdOf('attempts', options), to);
    const log = this.entities.rowsOf(RequestTokenLog);
    const tables = { token: this.entities.rowsOf(RequestToken), log };
    const since = from && leastIdAt(from);
    const rows = await this.queries.run(
      listAttempts(tables, { tokenId, outcome, scope, clientIp, from: since, before, limit: limit + 1 }),
    );
    const found = rows.flatMap((row) =>
      row.id === null ? [] : [Object.assign(log.read(row), { scope: row.scope })],
    );
    return pageOf(found, limit, rows[0]);
  }
}

/** One more than asked for was looked for, to know whether there is one. */
function pageOf<Item extends { id: string }>(
  found: Item[],
  limit: number,
  { readRows, lastRead }: ReadForPage,
): Page<Item> {
  const items = found.slice(0, limit);
  if (found.length > limit) return { items, after: afterId(items[limit - 1].id) };
  return Number(readRows) >= MOST_READ && lastRead !== null ? { items, after: afterId(lastRead) } : { items };
}

/** The bound of ids that comes first. */
function earlier(last: string | undefined, to: Date | undefined): string | undefined {
  const bound = to && leastIdAt(to);
  return last !== undefined && bound !== undefined ? (last < bound ? last : bound) : (last ?? bound);
}

function assertOneOf(call: string, name: string, value: unknown, known: readonly string[]): void {
  if (value !== undefined && !known.includes(value as string)) {
    throw new TypeError(`${call}: ${name} must be one of ${known.join(', ')}`);
  }
}

/** As the log has it: not `1`, which some take for 0.0.0.1. */
const isAddress = (text: unknown): boolean =>
  typeof text === 'string' && (ipaddr.IPv6.isValid(text) || ipaddr.IPv4.isValidFourPartDecimal(text));
