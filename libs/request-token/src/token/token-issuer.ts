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
import { type LinkParts, type LinkPlace, Links } from '../routes/links.js';
import type { Recipient, Recipients } from '../users/recipients.js';
import { RecipientsOf } from '../users/recipients-of.js';
import { checkIssueOptions, type IssuedToken, type IssueManyItem, type IssueOptions } from './issue.js';
import { issueMany } from './issue-many.js';
import { type Place, Places } from './places.js';
import { recipientOf } from './recipient-of.js';
import { TokenStore } from './token.store.js';
import { claimsOf, deferredClaimsOf, draftToken, isDeferred, type IssueSettings } from './token-draft.js';

/** Whoever asks for so many at once should do so with issueMany; each takes about 2 kB while it waits. */
const MAX_WAITING = 100_000;

/** Where a token is good, and the page that its link leads to instead. */
interface TokenLinks {
  place: Place;
  page: LinkParts | undefined;
}

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
    let recipients: Recipients | undefined;
    let asked: Promise<Recipients> | undefined;
    const sign = (item: IssueManyItem): IssuedToken | Promise<IssuedToken> => {
      checkIssueOptions(item);
      if ('manager' in item) throw new TypeError('issueMany: give manager once, beside batchSize');
      if (recipients) return this.sign(item, recipients, manager);
      asked ??= this.recipientsOnceReady();
      return asked.then((found) => this.sign(item, (recipients = found), manager));
    };
    const write = async (batch: IssuedToken[]) => {
      const stored = batch.filter(({ token }) => token.deferredUntil === null);
      try {
        await this.write(stored, { manager, deadline: this.bounds.bulk() });
      } catch (error) {
        throw explained(error);
      }
    };
    const isItemDeferred = (item: Partial<IssueManyItem> | null | undefined): boolean =>
      (item?.deferred ?? this.settings.deferred) === true;
    return issueMany(options, { sign, write, isDeferred: isItemDeferred }, batchSize);
  }

  private async recipientsOnceReady(): Promise<Recipients> {
    await this.readiness.ready;
    return this.recipients.of();
  }

  /** No promise where nothing has to be waited for: most links of a mailing are made at once. */
  private sign(
    options: IssueManyItem,
    recipients: Recipients,
    manager: EntityManager | undefined,
  ): IssuedToken | Promise<IssuedToken> {
    if (manager && isDeferred(options, this.settings)) {
      throw new TypeError(
        'issue: a deferred token is written when it is used, and so in no transaction; leave out manager, or say deferred: false',
      );
    }
    const links = { place: this.places.of(options), page: this.pageOf(options) };
    const recipient = recipientOf(options, recipients, manager);
    return recipient instanceof Promise
      ? recipient.then((found) => this.signFor(found, options, links, recipients))
      : this.signFor(recipient, options, links, recipients);
  }

  private signFor(
    { id, boundTo }: Recipient,
    options: IssueManyItem,
    links: TokenLinks,
    { binding }: Recipients,
  ): IssuedToken | Promise<IssuedToken> {
    const { issuer } = this.settings;
    const token = draftToken(options, links.place, id, this.settings, this.clock.now());
    const isWritten = token.deferredUntil === null;
    const claims = isWritten ? claimsOf(token, issuer) : deferredClaimsOf(token, issuer);
    if (boundTo) claims.usr = binding.claimOf(token.id, boundTo);
    const finish = (jwt: string): IssuedToken => {
      if (!isWritten) this.countDeferred(token);
      return this.issued(token, jwt, links, options.place);
    };
    if (!isWritten && !this.encoding.hasAll) {
      return this.assertStorable(token)
        .then(() => this.codec.sign(claims))
        .then(finish);
    }
    const jwt = this.codec.sign(claims);
    return typeof jwt === 'string' ? finish(jwt) : jwt.then(finish);
  }

  private issued(
    token: RequestToken,
    jwt: string,
    { place, page }: TokenLinks,
    linkPlace?: LinkPlace,
  ): IssuedToken {
    const url = this.links.withToken(place.url, jwt);
    if (!page) return { token, jwt, url };
    const link = this.links.withToken(page, jwt, linkPlace);
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
