import type { EntityManager } from 'typeorm';
import { LoginMode } from '../common/claims.js';
import type { Recipient, Recipients } from '../users/recipients.js';
import type { IssueManyItem } from './issue.js';

/**
 * Whom a token is to be issued to, and what of that user it is bound to. No promise where nobody has to be asked.
 *
 * @throws TypeError if the user has no primary key, or is to be bound and cannot be
 */
export function recipientOf(
  options: IssueManyItem,
  recipients: Recipients,
  manager: EntityManager | undefined,
): Recipient | Promise<Recipient> {
  const { user } = options;
  if (isBound(options, recipients.binding.isConfigured)) return recipients.givenBound(user, manager);
  const id = recipients.givenKey(user, manager, 'as given');
  return id instanceof Promise ? id.then(toRecipient) : toRecipient(id);
}

const toRecipient = (id: string | undefined): Recipient => ({ id });

/** Nobody is loaded for a token of mode `none`, so that it could not be checked. */
function isBound({ user, loginMode, bound }: IssueManyItem, isConfigured: boolean): boolean {
  const hasUser = user !== undefined && loginMode !== LoginMode.None;
  if (bound === undefined) return isConfigured && hasUser;
  if (typeof bound !== 'boolean') throw new TypeError('issue: bound must be true or false');
  if (bound && !isConfigured) {
    throw new TypeError('issue: bound needs users.boundTo, or a method boundTo of the class given as users');
  }
  if (bound && !hasUser) {
    throw new TypeError("issue: bound needs a user, and a loginMode other than 'none'");
  }
  return bound;
}
