import { checkOf } from '../common/given.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import type { RequestTokenState } from '../entities/token-state.js';
import type { PageOptions } from './page.js';

/**
 * Which tokens are listed. Moments are bounds: `From` included, `To` not.
 *
 * @publicApi
 */
export interface ListOptions extends PageOptions {
  /** The recipient, by primary key or object. */
  user?: string | number | bigint | object;
  scope?: string;
  /**
   * How the token is now. It is in no index: a page looks at 10,000 tokens at most for it, and may have fewer than
   * `limit`, or none, and an `after` all the same.
   */
  state?: RequestTokenState;
  issuedFrom?: Date;
  issuedTo?: Date;
}

/**
 * A token in a list: its row, and how it is.
 *
 * @publicApi
 */
export type ListedToken = RequestToken & { state: RequestTokenState };

const EVERY = 'leave it out for tokens of every';

export const checkListOptions = checkOf<ListOptions>('list', "{ scope: 'rsvp' }", {
  user: `${EVERY} user`,
  scope: `${EVERY} scope`,
  state: `${EVERY} state`,
  issuedFrom: 'leave it out for tokens of any age',
  issuedTo: 'leave it out for the newest',
  limit: null,
  after: null,
});
