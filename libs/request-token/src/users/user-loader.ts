import type { EntityManager } from 'typeorm';

/**
 * Finds the user that a token stands for. Extend or implement it to load users from anywhere, and give
 * the class to the module as `users`; it may inject whatever the module's `imports` provide, and be made for
 * each request or injection. Read from the primary database: a replica may still have a user who is gone.
 *
 * @publicApi
 */
export abstract class RequestTokenUserLoader {
  /**
   * The user with this primary key, or nothing if there is none (any more): the token is then refused
   * with `token_user_not_found`. What it throws is answered with 503, an HttpException as it is; so is what takes
   * longer than the option `statementTimeout`.
   *
   * Also asked for the form of a key that was given to `issue`, `redeem` or `revoke` without its object: if it
   * finds `'ann'` by `'ANN'`, the key is `'ann'`.
   *
   * @param userId the primary key as text: the `aud` claim, or what a caller gave
   * @param manager given when a token is issued or redeemed inside a transaction of the caller
   */
  abstract load(userId: string, manager?: EntityManager): Promise<object | null | undefined>;

  /**
   * The primary key of a user object, be it one that was loaded here, one given to `issue`, or one that
   * the app put on `request.user`. Default: its property `id`.
   */
  identify?(user: object): unknown;

  /**
   * What links are bound to that this user may change: the hash of a password, an address. When one of the values is
   * not any more what it was when a link was issued, the link is refused with `token_user_changed`. Asked of users
   * that were loaded here, and of those given to `issue`, which are loaded first if they lack something: it is
   * undefined then. The values are compared by what they are: texts, numbers, booleans, bigints, dates, bytes, null,
   * and lists and plain objects of these. Give null for what there is not: undefined in a user who was loaded is an
   * error, as is an instance of a class, and nothing is issued or served then. To give another list ends the links
   * that were issued before. Without this method links are bound to nothing.
   */
  boundTo?(user: object): readonly unknown[];
}
