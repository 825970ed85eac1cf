import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import type { RequestTokenClaims } from '../common/claims.js';
import { RequestTokenClock } from '../common/clock.js';
import { type Duration, toMilliseconds } from '../common/duration.js';
import { RequestTokenException } from '../common/exception.js';
import { assertManager, checkOf, isObject } from '../common/given.js';
import { assertScope } from '../common/scope.js';
import { isOwnId } from '../common/uuid.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import type { AttemptsOptions, ListedAttempt } from '../operations/attempts-options.js';
import type { ListedToken, ListOptions } from '../operations/list-options.js';
import type { MaintainOptions, MaintainResult } from '../operations/maintain-options.js';
import { Operations } from '../operations/operations.js';
import type { Page } from '../operations/page.js';
import type { Statistic, StatisticsOptions } from '../operations/statistics-options.js';
import { PendingReleaser } from '../usage/pending-releaser.js';
import { UsageService } from '../usage/usage.service.js';
import { RecipientsOf } from '../users/recipients-of.js';
import type { Inspection } from './inspection.js';
import {
  checkIssueManyOptions,
  type IssuedToken,
  type IssueManyItem,
  type IssueManyOptions,
  type IssueOptions,
} from './issue.js';
import { type ListUnsubscribeHeaders, OneClick } from './one-click.js';
import type { RedeemOptions } from './redeem.js';
import { checkRevokeOptions, type RevokeOptions } from './revoke.js';
import { TokenInspector } from './token-inspector.js';
import { TokenIssuer } from './token-issuer.js';
import { TokenReader } from './token-reader.js';
import { TokenRedeemer } from './token-redeemer.js';
import { type RevokeCriteria, TokenRevoker } from './token-revoker.js';

const checkReleaseOptions = checkOf<{ olderThan: Duration }>('releasePending', "{ olderThan: '1h' }", {
  olderThan: 'give it a duration longer than any handler takes',
});

/**
 * Issues, redeems, explains and revokes request tokens.
 *
 * @publicApi
 */
@Injectable()
export class TokenService {
  constructor(
    private readonly reader: TokenReader,
    private readonly issuer: TokenIssuer,
    private readonly redeemer: TokenRedeemer,
    private readonly inspector: TokenInspector,
    private readonly revoker: TokenRevoker,
    private readonly oneClick: OneClick,
    private readonly recipients: RecipientsOf,
    private readonly usage: UsageService,
    private readonly pending: PendingReleaser,
    private readonly operations: Operations,
    private readonly clock: RequestTokenClock,
  ) {}

  /**
   * Issues a token: one row, one JWT, one link. One round trip, shared with tokens issued at the same time.
   *
   * @example
   * ```ts
   * const { url } = await tokens.issue({ user: ann, target: route(NewsletterController, 'unsubscribe'), expiresIn: '30d' });
   * ```
   * @throws TypeError if the options make no sense, e.g. neither scope nor target, or one that is undefined
   * @throws Error if a `route(…)` does not exist
   * @throws ServiceUnavailableException if it takes longer than the option `statementTimeout`, or too many wait
   */
  async issue(options: IssueOptions): Promise<IssuedToken> {
    return this.issuer.issue(options);
  }

  /**
   * Issues any number of tokens, from a query's stream for example, and yields them in the order of what
   * they are asked for with. Memory is that of a few batches, and each batch is one round trip.
   *
   * @example `for await (const { url } of tokens.issueMany(subscribers())) …`
   * @throws TypeError if the arguments make no sense
   * @throws IssueManyError from the iteration, with how many are issued: those that were yielded before
   */
  issueMany(
    options: Iterable<IssueManyItem> | AsyncIterable<IssueManyItem>,
    settings: IssueManyOptions = {},
  ): AsyncIterableIterator<IssuedToken> {
    checkIssueManyOptions(settings);
    const { batchSize = 1_000, manager } = settings;
    assertManager('issueMany', manager);
    if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > 10_000) {
      throw new TypeError('issueMany: batchSize must be a whole number from 1 to 10,000');
    }
    if (!isIterable(options))
      throw new TypeError('issueMany: give an iterable, or an async iterable, of options');
    return this.issuer.issueMany(options, batchSize, manager);
  }

  /**
   * Checks signature, shape and times, and nothing else: no database is asked, no use is taken.
   *
   * @throws RequestTokenException `token_malformed`, `token_signature_invalid`, `token_expired`,
   *   `token_not_yet_valid`
   */
  async verify(jwt: string): Promise<RequestTokenClaims> {
    return this.reader.verify(jwt);
  }

  /**
   * Takes one use outside HTTP: in a resolver, a queue worker, a transaction. What is given as scope,
   * target or user must be the token's, whatever its login mode; what is left out is not checked, so name at least the scope
   * unless any token will do. The recipient must exist if the token stands for one. Two round trips, or
   * one if no user is looked up.
   *
   * @returns the row as it is once the use is taken
   * @throws RequestTokenException for every reason to refuse the token; nothing is counted then
   * @throws TypeError if something in the options is there and undefined: any token would do, or anybody's
   */
  async redeem(jwt: string, options: RedeemOptions = {}): Promise<RequestToken> {
    return this.redeemer.redeem(jwt, options);
  }

  /**
   * Support's "why did this link fail?". Takes a JWT or a whole link, asks what a request would ask in
   * the same order, and takes no use. Never throws because of what it is given.
   */
  async inspect(jwtOrUrl: string): Promise<Inspection> {
    return this.inspector.inspect(jwtOrUrl);
  }

  /**
   * Revokes a token by its id, its JWT or its link, or all tokens of a user, of a scope, or of a user within a scope.
   * Links already sent stop working at once; of many tokens a few at a time, so that other links are not held up.
   * Those that are issued while it runs may be among them. Deferred tokens are stopped whether they have a row or not;
   * whether one was issued before, the clocks of the servers tell.
   *
   * @returns how many were revoked; those that were revoked before are not counted again, and of deferred tokens
   *   without a row only one that is given itself: nobody knows how many there are
   * @throws RevokeError if only some are revoked, because the database was lost, say; to call it again goes on
   * @throws TypeError if nothing is given, or something undefined: that would revoke more than was meant
   */
  async revoke(which: string | RevokeOptions): Promise<number> {
    const revokedAt = this.clock.now();
    const revoked = await this.revoker.revoke(await this.criteria(which), revokedAt);
    // What is issued from now on is not meant, and moments are told apart by milliseconds.
    if (this.clock.now() <= revokedAt) await setTimeout(1);
    return revoked;
  }

  /**
   * Gives back the uses whose process died, or lost its database for good, while the request was being
   * answered: log rows that say `pending` since long become `released`. Choose `olderThan` longer than any
   * handler of the app takes, because a handler that still runs keeps what it does. A few tokens at a time, so that
   * links are not held up; if it fails, to call it again goes on.
   *
   * @returns how many uses were given back
   * @throws TypeError if `olderThan` is no duration
   */
  async releasePending(options: { olderThan: Duration }): Promise<number> {
    checkReleaseOptions(options);
    const milliseconds = toMilliseconds(options.olderThan);
    if (!(milliseconds >= 0 && milliseconds < Infinity)) {
      throw new TypeError(
        "releasePending: olderThan must be a duration such as '1h', or a number of seconds",
      );
    }
    const latest = Math.max(0, this.clock.now().getTime() - milliseconds);
    const released = await this.pending.release(new Date(latest));
    this.operations.telemetry.released(released);
    return released;
  }

  /**
   * Resolves when everything of the requests answered so far is in the database: how their uses ended, the
   * refusals, and what `onUsed` does. For platforms that freeze or end a process once it has answered: await it
   * before you return to them, or the uses stay `pending`. Requests that are still being answered are not waited
   * for. Never fails.
   */
  async settled(): Promise<void> {
    await Promise.all([this.usage.settled(), this.operations.deferred.flush()]);
  }

  /**
   * The one call of a nightly job: gives back uses that hang, sums the log up for {@link statistics}, and deletes what is
   * old, in batches that hold locks for milliseconds. Makes and drops partitions of the log, if it has some. It may run
   * in several processes at once, and be stopped at any time: the next call goes on.
   *
   * @example `await tokens.maintain({ keepLogs: '1y', keepTokens: '90d', releasePending: '1h' })`
   * @throws TypeError if the options make no sense
   */
  async maintain(options: MaintainOptions = {}): Promise<MaintainResult> {
    return this.operations.maintenance.maintain(options);
  }

  /**
   * What became of tokens, by day, hour or scope. Hours that are over are summed up once, by {@link maintain} or by the
   * first call that asks for them, and outlive the log they are made of. Only what something happened in is there.
   *
   * @example `await tokens.statistics({ from: new Date('2027-03-01'), to: new Date('2027-04-01'), by: 'day' })`
   * @returns in the order of their keys
   * @throws TypeError if the options make no sense
   */
  async statistics(options: StatisticsOptions): Promise<Statistic[]> {
    return this.operations.statistics.of(options);
  }

  /**
   * Tokens, the newest first. A deferred token is in no list before its first use: it has no row.
   *
   * @example `const { items, after } = await tokens.list({ user: ann, state: 'usable' })`
   * @throws TypeError if the options make no sense
   */
  async list(options: ListOptions = {}): Promise<Page<ListedToken>> {
    return this.operations.lists.tokens(options);
  }

  /**
   * Attempts to use tokens, the newest first: what `inspect` says of one token, of all of them.
   *
   * @throws TypeError if the options make no sense
   */
  async attempts(options: AttemptsOptions = {}): Promise<Page<ListedAttempt>> {
    return this.operations.lists.attempts(options);
  }

  /**
   * The header fields that let a mail program offer to unsubscribe with one click (RFC 8058), for
   * nodemailer: `{ headers: tokens.listUnsubscribe(issued) }`. Sign both with DKIM. The token should have
   * unlimited uses, because programs repeat the request. Of a link to a page of a front end they have its
   * `targetUrl`: a program posts to the route.
   *
   * @throws Error if the link is not https (localhost excepted), or its target is no route that acts on POST
   * @throws TypeError if it is not what `issue` returned
   */
  listUnsubscribe(issued: IssuedToken): ListUnsubscribeHeaders {
    return this.oneClick.headersFor(issued);
  }

  private async criteria(which: unknown): Promise<RevokeCriteria> {
    if (typeof which === 'string') return this.criteriaOf(which);
    if (isObject(which)) checkRevokeOptions(which);
    const { user, scope } = (isObject(which) ? which : {}) as RevokeOptions;
    if (user === undefined && scope === undefined) {
      throw new TypeError(NOTHING_TO_REVOKE);
    }
    if (scope !== undefined) assertScope(scope);
    const recipients = await this.recipients.of();
    const userId = await recipients.givenKey(user, undefined, 'fail');
    return { ...(userId !== undefined && { userId }), ...(scope !== undefined && { scope }) };
  }

  /** Of an id, a JWT or a link. */
  private async criteriaOf(text: string): Promise<RevokeCriteria> {
    if (isUuid(text)) return { id: text, mayBeDeferred: isOwnId(text.toLowerCase()) };
    try {
      const { claims } = await this.reader.read(text);
      const expiresAt = claims.exp === undefined ? undefined : new Date(claims.exp * 1_000);
      return { id: claims.jti, mayBeDeferred: claims.dfr !== undefined, expiresAt };
    } catch (error) {
      if (error instanceof RequestTokenException) throw new TypeError(NOTHING_TO_REVOKE, { cause: error });
      throw error;
    }
  }
}

const NOTHING_TO_REVOKE = 'revoke: give the id of a token, its JWT or its link, or a user, a scope, or both';

const isIterable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
