import type { Request } from 'express';
import { type RefusalHelp, type RefusedContext, requestTokenQuery } from 'nestjs-request-token';
import { isRenewable } from './renewal.js';

const TEXTS = {
  en: { text: 'We can send a new link to your mailbox.', link: 'Get a new link' },
  de: { text: 'Wir können Ihnen einen neuen Link schicken.', link: 'Neuen Link anfordern' },
};

/** Offers a new link instead of one that has expired. */
export function offerFreshLink({ code, token, request }: RefusedContext): RefusalHelp | undefined {
  if (code !== 'token_expired' || !isRenewable(token)) return undefined;
  const language = (request as Request).acceptsLanguages(['en', 'de']) === 'de' ? 'de' : 'en';
  const { text, link } = TEXTS[language];
  return { text, link: { url: `/fresh-link${requestTokenQuery(request as Request)}`, text: link } };
}
