import type { RequestTokenClaims } from '../common/claims.js';
import { RequestTokenException } from '../common/exception.js';

/** What a token is held against: the place where somebody tries to use it. */
export interface Binding {
  scope?: string;
  /** A path, compared to the letter. */
  target?: string;
}

/**
 * Checks that the token was made for this place. A place with a scope takes tokens of that scope; a
 * place with a path only takes tokens of that path, because otherwise any token of the app would do.
 * A token with a target is good there and nowhere else.
 *
 * @throws RequestTokenException `token_scope_mismatch`, `token_target_mismatch`
 */
export function assertBinding(claims: RequestTokenClaims, { scope, target }: Binding): void {
  if (scope !== undefined && claims.sub !== scope) {
    throw new RequestTokenException('token_scope_mismatch', claims);
  }
  if (target === undefined) return;
  if (claims.tgt === undefined) {
    if (scope === undefined) throw new RequestTokenException('token_scope_mismatch', claims);
  } else if (claims.tgt !== target) {
    throw new RequestTokenException('token_target_mismatch', claims);
  }
}
