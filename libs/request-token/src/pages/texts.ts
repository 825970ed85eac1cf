import type { ConfirmTexts } from '../routes/confirm-options.js';
import type { FailureCode, RefusalTexts, RequestTokenTexts } from './page.js';

export interface CompleteTexts {
  confirm: ConfirmTexts;
  refusals: Record<FailureCode, RefusalTexts>;
}

const BROKEN = {
  en: {
    title: 'This link is damaged',
    message:
      'Part of the address is missing or was changed on its way. Please open the link in the original message, or copy all of it.',
  },
  de: {
    title: 'Dieser Link ist beschädigt',
    message:
      'Ein Teil der Adresse fehlt oder wurde unterwegs verändert. Bitte öffnen Sie den Link in der ursprünglichen Nachricht, oder kopieren Sie ihn vollständig.',
  },
};

const WRONG_PLACE = {
  en: {
    title: 'This link belongs to another page',
    message: 'Please open the link exactly as it is in the message.',
  },
  de: {
    title: 'Dieser Link gehört zu einer anderen Seite',
    message: 'Bitte öffnen Sie den Link genau so, wie er in der Nachricht steht.',
  },
};

/** The texts that come with the module. */
const TEXTS: Record<string, CompleteTexts> = {
  en: {
    confirm: {
      title: 'Please confirm',
      message: 'Nothing has happened yet. Press the button to go on.',
      button: 'Confirm',
    },
    refusals: {
      token_missing: {
        title: 'There is a link missing',
        message: 'This page only opens with the link from the message that was sent to you.',
      },
      token_malformed: BROKEN.en,
      token_signature_invalid: BROKEN.en,
      token_expired: {
        title: 'This link has expired',
        message: 'It was valid for a limited time, which is over. Please ask for a new one.',
      },
      token_not_yet_valid: {
        title: 'This link cannot be used yet',
        message: 'Please try again later.',
      },
      token_scope_mismatch: WRONG_PLACE.en,
      token_target_mismatch: WRONG_PLACE.en,
      token_audience_mismatch: {
        title: 'This link is for somebody else',
        message:
          'You are logged in as another person than the one it was sent to. Log out, then open it again.',
      },
      token_exhausted: {
        title: 'This link has already been used',
        message:
          'If it was you who used it, all is done, and there is nothing left to do. Otherwise please ask for a new one.',
      },
      token_revoked: {
        title: 'This link has been withdrawn',
        message: 'It does not work any more. Please ask for a new one.',
      },
      token_unknown: {
        title: 'This link is not known any more',
        message: 'It may be very old. Please ask for a new one.',
      },
      token_user_not_found: {
        title: 'This account does not exist any more',
        message: 'The link was sent to somebody who is not with us any more. There is nothing left to do.',
      },
      unavailable: {
        title: 'Please try again in a moment',
        message: 'We cannot check this link right now. Nothing has happened to it.',
      },
    },
  },
  de: {
    confirm: {
      title: 'Bitte bestätigen',
      message: 'Noch ist nichts geschehen. Mit dem Knopf geht es weiter.',
      button: 'Bestätigen',
    },
    refusals: {
      token_missing: {
        title: 'Es fehlt ein Link',
        message: 'Diese Seite öffnet sich nur mit dem Link aus der Nachricht, die Sie bekommen haben.',
      },
      token_malformed: BROKEN.de,
      token_signature_invalid: BROKEN.de,
      token_expired: {
        title: 'Dieser Link ist abgelaufen',
        message: 'Er galt nur für eine bestimmte Zeit, und die ist vorbei. Bitte fordern Sie einen neuen an.',
      },
      token_not_yet_valid: {
        title: 'Dieser Link gilt noch nicht',
        message: 'Bitte versuchen Sie es später noch einmal.',
      },
      token_scope_mismatch: WRONG_PLACE.de,
      token_target_mismatch: WRONG_PLACE.de,
      token_audience_mismatch: {
        title: 'Dieser Link ist für jemand anderen',
        message:
          'Sie sind als jemand anderes angemeldet. Melden Sie sich ab, und öffnen Sie den Link dann noch einmal.',
      },
      token_exhausted: {
        title: 'Dieser Link wurde schon benutzt',
        message:
          'Wenn Sie das waren, ist alles erledigt, und es bleibt nichts zu tun. Sonst fordern Sie bitte einen neuen an.',
      },
      token_revoked: {
        title: 'Dieser Link wurde zurückgezogen',
        message: 'Er funktioniert nicht mehr. Bitte fordern Sie einen neuen an.',
      },
      token_unknown: {
        title: 'Dieser Link ist nicht mehr bekannt',
        message: 'Vielleicht ist er sehr alt. Bitte fordern Sie einen neuen an.',
      },
      token_user_not_found: {
        title: 'Dieses Konto gibt es nicht mehr',
        message: 'Der Link ging an jemanden, der nicht mehr dabei ist. Es bleibt nichts zu tun.',
      },
      unavailable: {
        title: 'Bitte versuchen Sie es gleich noch einmal',
        message: 'Wir können diesen Link gerade nicht prüfen. Er gilt weiterhin.',
      },
    },
  },
};

/** Everything that can be said of a link that does not work. */
export const FAILURE_CODES = Object.keys(TEXTS.en.refusals) as FailureCode[];

/** The app's texts laid over the module's; what a language lacks is taken from the fallback language. */
export function completeTexts(
  own: Record<string, RequestTokenTexts>,
  fallbackLanguage: string,
): Record<string, CompleteTexts> {
  const fallback = lay(own[fallbackLanguage], TEXTS[fallbackLanguage] ?? TEXTS.en);
  const languages = new Set([fallbackLanguage, ...Object.keys(TEXTS), ...Object.keys(own)]);
  return Object.fromEntries([...languages].map((lang) => [lang, lay(own[lang], TEXTS[lang] ?? fallback)]));
}

function lay(own: RequestTokenTexts = {}, over: CompleteTexts): CompleteTexts {
  const refusals = Object.entries(over.refusals).map(([code, texts]) => [
    code,
    { ...texts, ...own.refusals?.[code as FailureCode] },
  ]);
  return {
    confirm: { ...over.confirm, ...own.confirm },
    refusals: Object.fromEntries(refusals) as CompleteTexts['refusals'],
  };
}
