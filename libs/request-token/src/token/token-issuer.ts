import { Inject, Injectable, ServiceUnavailableException } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { RequestTokenClock } from '../common/clock.js';
import { REQUEST_TOKEN_SETTINGS } from '../common/constants.js';
import { assertManager } from '../common/given.js';
import { Readiness } from '../common/readiness.js';
import { isTooLate } from '../database/database-errors.js';
import { Encoding } from '../database/encoding.js';
import { Grouping, TooManyWaiting } from '../database/grouping.js';
import { missingCharacter } from '../database/missing-characters.js';
import type { RunOptions } from '../database/prepared-queries.js';
import { StatementBounds } from '../database/statement-bounds.js';
import { textsOf } from '../entities/deferred-token.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import { TokenCodec } from '../jwt/token.codec.js';
import { Operations } from '../operations/operations.js';
import { type LinkParts, Links } from '../routes/links.js';
import type { Recipients } from '../users/recipients.js';
import { RecipientsOf } from '../users/recipients-of.js';
import { checkIssueOptions, type IssuedToken, type IssueManyItem, type IssueOptions } from './issue.js';
import { issueMany } from './issue-many.js';
import { Places } from './places.js';
import { recipientOf } from './recipient-of.js';
import { TokenStore } from './token.store.js';
import { claimsOf, deferredClaimsOf, draftToken, isDeferred, type IssueSettings } from './token-draft.js';

/** Whoever asks for so many at once should do so with issueMany; each takes about 2 kB while it waits. */
const MAX_WAITING = 100_000;

/** Drafts, signs and writes tokens. */
@Injectable()
export class TokenIssuer {
  private readonly groups: Grouping<IssuedToken, undefined>;

  constructor(
    private readonly places: Places,
    private readonly recipients: RecipientsOf,
    private readonly codec: TokenCodec,
    private readonly links: Links,
    private readonly store: TokenStore,
    private readonly encoding: Encoding,
    private readonly operations: Operations,
    private readonly clock: RequestTokenClock,
    private readonly readiness: Readiness,
    private readonly bounds: StatementBounds,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: IssueSettings,
  ) {
    this.groups = new Grouping(
      async (issued, deadline) => {
        await this.write(issued, { deadline });
        return issued.map(() => undefined);
      },
      { maxSize: 1_000, maxWaiting: MAX_WAITING, maxInFlight: 2, maxWithSlow: 4 },
    );
  }

  async issue(options: IssueOptions): Promise<IssuedToken> {
    checkIssueOptions(options);
    const { manager } = options;
    assertManager('issue', manager);
    const { ready } = this.readiness;
    if (ready) await ready;
    const issued = await this.sign(options, await this.recipients.of(), manager);
    if (isDeferred(options, this.settings)) return issued;
    try {
      await (manager ? this.write([issued], { manager }) : this.groups.add(issued, this.bounds.soon()));
    } catch (error) {
      throw explained(error);
    }
    return issued;
  }

  issueMany(
    options: Iterable<IssueManyItem> | AsyncIterable<IssueManyItem>,
    batchSize: number,
    manager?: EntityManager,
  ): AsyncGenerator<IssuedToken, void, undefined> {
    let recipients: Promise<Recipients> | undefined;
    const deferred = new WeakSet<IssuedToken>();
    const sign = async (item: IssueManyItem) => {
      checkIssueOptions(item);
      if ('manager' in item) throw new TypeError('issueMany: give manager once, beside batchSize');
      const issued = await this.sign(item, await (recipients ??= this.recipientsOnceReady()), manager);
      if (isDeferred(item, this.settings)) deferred.add(issued);
      return issued;
    };
    const write = async (batch: IssuedToken[]) => {
      const stored = batch.filter((issued) => !deferred.has(issued));
      try {
        await this.write(stored, { manager, deadline: this.bounds.bulk() });
      } catch (error) {
        throw explained(error);
      }
    };
    return issueMany(options, { sign, write }, batchSize);
  }

  private async recipientsOnceReady(): Promise<Recipients> {
    await this.readiness.ready;
    return this.recipients.of();
  }

  private async sign(
    options: IssueManyItem,
    recipients: Recipients,
    manager: EntityManager | undefined,
  ): Promise<IssuedToken> {
    const isWritten = !isDeferred(options, this.settings);
    if (manager && !isWritten) {
      throw new TypeError(
        'issue: a deferred token is written when it is used, and so in no transaction; leave out manager, or say deferred: false',
      );
    }
    const place = this.places.of(options);
    const page = this.pageOf(options);
    const { id, boundTo } = await recipientOf(options, recipients, manager);
    const token = draftToken(options, place, id, this.settings, this.clock.now());
    if (!isWritten && !this.encoding.hasAll) await this.assertStorable(token);
    const { issuer } = this.settings;
    const claims = isWritten ? claimsOf(token, issuer) : deferredClaimsOf(token, issuer);
    if (boundTo) claims.usr = recipients.binding.claimOf(token.id, boundTo);
    const jwt = await this.codec.sign(claims);
    if (!isWritten) this.countDeferred(token);
    const url = this.links.withToken(place.url, jwt);
    if (!page) return { token, jwt, url };
    const link = this.links.withToken(page, jwt, options.place);
    return { token, jwt, url: link, ...(token.targetPath !== null && { targetUrl: url }) };
  }

  /** @throws TypeError for a page of another site, or a link whose token its route would not see */
  private pageOf({ page, place }: IssueManyItem): LinkParts | undefined {
    if (place !== undefined && place !== 'query' && place !== 'fragment') {
      throw new TypeError("issue: place must be 'query' or 'fragment'");
    }
    if (page !== undefined) return this.links.page(page);
    if (place === 'fragment') {
      throw new TypeError(
        "issue: place 'fragment' needs a page, whose script reads it; a fragment never reaches the route itself",
      );
    }
    return undefined;
  }

  /** @throws TypeError for what its first use could not write */
  private async assertStorable(token: RequestToken): Promise<void> {
    try {
      const lack = await this.encoding.lackOf(textsOf(token));
      if (lack) throw lacking(lack.character, lack.name);
    } catch (error) {
      throw explained(error);
    }
  }

  private async write(issued: IssuedToken[], options: RunOptions): Promise<void> {
    if (issued.length === 0) return;
    const tokens = issued.map(({ token }) => token);
    await this.store.insert(tokens, options);
    for (const { scope } of tokens) this.operations.telemetry.issued(scope);
  }

  /** There will be no row to be counted. */
  private countDeferred(token: RequestToken): void {
    this.operations.deferred.count(token);
    this.operations.telemetry.issued(token.scope);
  }
}

/** Says that it is too much at the moment, or which character a database of another encoding than UTF8 lacks. */
function explained(error: unknown): unknown {
  if (error instanceof TooManyWaiting || isTooLate(error)) {
    const description = 'No link can be issued at the moment: the database does not keep up.';
    return new ServiceUnavailableException(description, { cause: error });
  }
  const character = missingCharacter(error);
  if (character === undefined) return error;
  return lacking(character, 'scope, target, user and data', error);
}

const lacking = (character: string, where: string, cause?: unknown): TypeError =>
  new TypeError(
    `issue: the encoding of the database has no character '${character}'; ` +
      `${where} must do without it, or the database be UTF8`,
    { cause },
  );
