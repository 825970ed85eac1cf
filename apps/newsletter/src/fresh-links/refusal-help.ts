import type { Request } from 'express';
import { type RefusalHelp, type RefusedContext, requestTokenQuery } from 'nestjs-request-token';
import { SIGN_IN_SCOPE } from '../sign-in/sign-in-scope.js';
import { isRenewable } from './renewal.js';

/** The link was good once. */
const PASSED = new Set<RefusedContext['code']>(['token_expired', 'token_exhausted']);

const TEXTS = {
  fresh: {
    en: { text: 'We can send a new link to your mailbox.', link: 'Get a new link' },
    de: { text: 'Wir können Ihnen einen neuen Link schicken.', link: 'Neuen Link anfordern' },
  },
  signIn: {
    en: { text: 'We can send a new link to your mailbox.', link: 'Sign in' },
    de: { text: 'Wir können Ihnen einen neuen Link schicken.', link: 'Anmelden' },
  },
  signOut: {
    en: { text: 'Sign out on the page of your account, and then open the link again.', link: 'Your account' },
    de: {
      text: 'Melden Sie sich auf der Seite Ihres Kontos ab, und öffnen Sie den Link dann noch einmal.',
      link: 'Ihr Konto',
    },
  },
};

/** Offers a new link instead of one that has expired, and shows whoever is signed in as somebody else the way out. */
export function offerHelp(refused: RefusedContext): RefusalHelp | undefined {
  const { code, token } = refused;
  const request = refused.request as Request;
  if (code === 'token_audience_mismatch') return help(refused, 'signOut', '/account');
  if (code === 'token_expired' && isRenewable(token)) {
    return help(refused, 'fresh', `/fresh-link${requestTokenQuery(request)}`);
  }
  if (token?.scope === SIGN_IN_SCOPE && PASSED.has(code)) return help(refused, 'signIn', '/sign-in');
  return undefined;
}

function help({ lang }: RefusedContext, about: keyof typeof TEXTS, url: string): RefusalHelp {
  const { text, link } = TEXTS[about][lang === 'de' ? 'de' : 'en'];
  return { text, link: { url, text: link } };
}
