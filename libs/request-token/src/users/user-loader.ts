import type { EntityManager } from 'typeorm';

/**
 * Finds the user that a token stands for. Extend or implement it to load users from anywhere, and give
 * the class to the module as `users`; it may inject whatever the module's `imports` provide.
 *
 * @publicApi
 */
export abstract class RequestTokenUserLoader {
  /**
   * The user with this primary key, or nothing if there is none (any more): the token is then refused
   * with `token_user_not_found`. What it throws is answered with 503, an HttpException as it is.
   *
   * @param userId the `aud` claim: the primary key as text
   * @param manager given when a token is redeemed inside a transaction of the caller
   */
  abstract load(userId: string, manager?: EntityManager): Promise<object | null | undefined>;

  /**
   * The primary key of a user object, be it one that was loaded here, one given to `issue`, or one that
   * the app put on `request.user`. Default: its property `id`.
   */
  identify?(user: object): unknown;
}
