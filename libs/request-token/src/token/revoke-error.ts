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
