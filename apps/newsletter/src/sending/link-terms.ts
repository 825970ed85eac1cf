import type { IssueOptions } from 'nestjs-request-token';
import type { LinkName } from '../mailings/mailing-template.js';

/**
 * How long each link is good for, how often, and whether it costs a row before anybody opens it.
 *
 * Of a hundred mails two are answered. What only two readers use is deferred: nothing is written for the other 98.
 * Invitations are written with the mail: who organizes wants to see from the start who was invited, and can give
 * somebody's link more uses, or take it back, by its row.
 */
export const LINK_TERMS: Record<LinkName, Pick<IssueOptions, 'expiresIn' | 'maxUses' | 'deferred'>> = {
  rsvp: { expiresIn: '30d', maxUses: 1 },
  preferences: { expiresIn: '30d', maxUses: null, deferred: true },
  // Mail programs repeat their request, and people click twice: doing it again is harmless.
  unsubscribe: { expiresIn: '90d', maxUses: null, deferred: true },
};
