import type { EntityManager } from 'typeorm';
import { checkOf } from '../common/given.js';
import type { RouteTarget } from '../routes/route.js';

/**
 * What a token is to be redeemed for. What is left out is not checked, so give at least the scope.
 *
 * @publicApi
 */
export interface RedeemOptions {
  /** The token must be of this scope. */
  scope?: string;
  /** The token must be bound to this path, if it is bound to one or no scope is asked for. */
  target?: string | RouteTarget;
  /** The user as known to the caller, by primary key or object: the token must be issued to that user. */
  user?: string | number | bigint | object;
  /** Takes the use inside this transaction: rolled back with it, and visible to others once it commits. */
  manager?: EntityManager;
}

const UNCHECKED = 'leave it out, and it is not checked';

export const checkRedeemOptions = checkOf<RedeemOptions>('redeem', "{ scope: 'rsvp' }", {
  scope: UNCHECKED,
  target: UNCHECKED,
  user: UNCHECKED,
  manager: 'leave it out to take the use outside of any transaction',
});
