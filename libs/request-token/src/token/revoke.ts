import { checkOf } from '../common/given.js';
import type { IssueOptions } from './issue.js';

/**
 * Which tokens are revoked: all of a user, of a scope, or of a user within a scope.
 *
 * @publicApi
 */
export type RevokeOptions =
  { user: NonNullable<IssueOptions['user']>; scope?: string } | { user?: undefined; scope: string };

export const checkRevokeOptions = checkOf<RevokeOptions>('revoke', '{ user }', {
  user: 'leave it out to revoke the tokens of every user',
  scope: 'leave it out to revoke the tokens of every scope',
});

/**
 * Why `revoke` ended early. So many tokens are revoked and stay so; to call it again goes on with the others. `cause`
 * is what went wrong.
 *
 * @publicApi
 */
export class RevokeError extends Error {
  constructor(
    /** How many tokens were revoked, at least. */
    readonly revoked: number,
    cause: unknown,
  ) {
    super(`revoke: ${revoked} tokens are revoked; call it again for the others: ${String(cause)}`, { cause });
    this.name = 'RevokeError';
  }
}
