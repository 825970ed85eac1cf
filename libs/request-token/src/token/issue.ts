import type { EntityManager } from 'typeorm';
import type { LoginMode } from '../common/claims.js';
import type { Duration } from '../common/duration.js';
import { checkOf, type Known } from '../common/given.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import type { RouteTarget } from '../routes/route.js';

/**
 * What to issue. A token needs a scope or a target.
 *
 * @publicApi
 */
export interface IssueOptions {
  /**
   * The recipient: its primary key, or the user object. Default: the token stands for nobody. A key is brought
   * to the form that the database has it in; a class given as `users` is asked for it once, unless it is given
   * the object, and so is the database for keys of types other than integers, uuid and text.
   */
  user?: string | number | bigint | object;
  /** Ties the token to routes decorated with this scope; 1 to 100 characters. */
  scope?: string;
  /** Where the link leads, and the only path the token is good for: a path, a URL of `baseUrl`'s origin, or `route(…)`. */
  target?: string | RouteTarget;
  /**
   * Where the link leads instead, when a page of a front end uses the token: a path of `baseUrl`, or a URL of its
   * origin or of one of `frontends`. Its query is kept. The token stays bound to `target`, which the page asks for.
   * Default: the link leads to `target`.
   */
  page?: string;
  /**
   * Where in the link to `page` the token stands. In a `'fragment'` (`#rt=…`; in that of a hash router,
   * `#/unsubscribe?rt=…`) it reaches no server, no log and no Referer until the page sends it. Default: `'query'`.
   */
  place?: 'query' | 'fragment';
  /** Default: `'request'` if there is a user, else `'none'`. */
  loginMode?: LoginMode;
  /**
   * Whether the link ends when its user changes, in what `boundTo` of the module's `users` names. Say false for links
   * that are to outlive a new password, such as those to unsubscribe. It needs the user object with all of these
   * properties; what it lacks, or a key, costs one look-up. Default: true, if `users` has `boundTo`, and for tokens of
   * login mode `none`, which look nobody up, false.
   */
  bound?: boolean;
  /** How long the token is valid from now. Default: the module's. */
  expiresIn?: Duration;
  /** Until when the token is valid, instead of `expiresIn`. */
  expiresAt?: Date;
  /** From when on the token is valid. Default: at once. */
  notBefore?: Date;
  /** How often it can be used, at least 1; `null` is unlimited. Default: the module's, which is 1. */
  maxUses?: number | null;
  /** Anything JSON that the handler will need. It stays in the database, unless the token is deferred. */
  data?: Record<string, unknown>;
  /**
   * Whether nothing is written until the token is used: its row is written with its first use. Nothing but the link
   * says so until then: it must expire, and its `data` stands in the link, for anybody to read, in at most 512 bytes.
   * Default: the module's, which is false.
   */
  deferred?: boolean;
  /** Writes the row inside this transaction. */
  manager?: EntityManager;
}

const DEFAULT = "leave it out for the module's default";

export const ISSUE_OPTIONS: Known<IssueOptions> = {
  user: 'leave it out for a token that stands for nobody',
  scope: 'leave it out for a token that its target alone binds',
  target: 'leave it out for a token that its scope alone binds',
  page: 'leave it out for a link that leads to the target',
  place: "leave it out for 'query'",
  loginMode: null,
  bound: 'leave it out for what users of the module say',
  expiresIn: DEFAULT,
  expiresAt: DEFAULT,
  notBefore: 'leave it out for a token that is valid at once',
  maxUses: `${DEFAULT}, or give null for unlimited`,
  data: null,
  deferred: null,
  manager: 'leave it out to write outside of any transaction',
};

export const checkIssueOptions = checkOf<IssueOptions>('issue', "{ user, scope: 'rsvp' }", ISSUE_OPTIONS);

/**
 * A token that was issued, and its link.
 *
 * @publicApi
 */
export interface IssuedToken {
  /** The row; of a deferred token, as it will be. */
  token: RequestToken;
  /** The text that is in the link. Whoever has it can use the token, so keep it out of logs. */
  jwt: string;
  /** The link: `page`, else the target, or without one the base URL, with the JWT in the parameter. */
  url: string;
  /** Of a link to a `page`: the target, with the JWT in the query. It is what the page asks for. */
  targetUrl?: string;
}

/**
 * As {@link IssueOptions}; the transaction is that of all.
 *
 * @publicApi
 */
export type IssueManyItem = Omit<IssueOptions, 'manager'>;

/**
 * How `issueMany` writes.
 *
 * @publicApi
 */
export interface IssueManyOptions {
  /** How many tokens are written in one statement, and are in memory at a time; 1 to 10,000. Default: 1,000. */
  batchSize?: number;
  /** Writes the rows inside this transaction. */
  manager?: EntityManager;
}

export const checkIssueManyOptions = checkOf<IssueManyOptions>('issueMany', '{ batchSize: 1000 }', {
  batchSize: null,
  manager: 'leave it out to write outside of any transaction',
});

/**
 * Why `issueMany` ended early. The first {@link issued} of what was asked for are issued, and were yielded.
 * Of the others none is, or, if the connection was lost while they were written, there are rows that no link
 * leads to. `cause` is what went wrong.
 *
 * @publicApi
 */
export class IssueManyError extends Error {
  constructor(
    /** How many tokens were issued; also the index of the first that was not. */
    readonly issued: number,
    cause: unknown,
  ) {
    super(`issueMany: ${issued} tokens are issued, and what follows is not: ${String(cause)}`, { cause });
    this.name = 'IssueManyError';
  }
}
