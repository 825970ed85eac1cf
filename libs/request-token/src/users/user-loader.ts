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
}
