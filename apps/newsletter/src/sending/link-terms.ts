import type { IssueOptions } from 'nestjs-request-token';
import type { LinkName } from '../mailings/mailing-template.js';

/** How long each link is good for, and how often. */
export const LINK_TERMS: Record<LinkName, Pick<IssueOptions, 'expiresIn' | 'maxUses'>> = {
  rsvp: { expiresIn: '30d', maxUses: 1 },
  preferences: { expiresIn: '30d', maxUses: null },
  // Mail programs repeat their request, and people click twice: doing it again is harmless.
  unsubscribe: { expiresIn: '90d', maxUses: null },
};
