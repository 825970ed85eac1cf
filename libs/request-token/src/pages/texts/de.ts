import type { CompleteTexts } from '../page.js';

const damaged = {
  title: 'Dieser Link ist beschädigt',
  message:
    'Ein Teil der Adresse fehlt oder wurde unterwegs verändert. Bitte öffnen Sie den Link in der ursprünglichen Nachricht, oder kopieren Sie ihn vollständig.',
};

const elsewhere = {
  title: 'Dieser Link gehört zu einer anderen Seite',
  message: 'Bitte öffnen Sie den Link genau so, wie er in der Nachricht steht.',
};

export default {
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
    token_malformed: damaged,
    token_signature_invalid: damaged,
    token_expired: {
      title: 'Dieser Link ist abgelaufen',
      message: 'Er galt nur für eine bestimmte Zeit, und die ist vorbei. Bitte fordern Sie einen neuen an.',
    },
    token_not_yet_valid: {
      title: 'Dieser Link gilt noch nicht',
      message: 'Bitte versuchen Sie es später noch einmal.',
    },
    token_scope_mismatch: elsewhere,
    token_target_mismatch: elsewhere,
    token_audience_mismatch: {
      title: 'Dieser Link ist für jemand anderen',
      message:
        'Sie sind als jemand anderes angemeldet. Bitte melden Sie sich ab, und öffnen Sie den Link dann noch einmal.',
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
      message: 'Der Link ging an jemanden, der hier kein Konto mehr hat. Es bleibt nichts zu tun.',
    },
    token_user_changed: {
      title: 'Dieser Link passt nicht mehr zu Ihrem Konto',
      message: 'Er funktioniert nicht mehr. Bitte fordern Sie einen neuen an.',
    },
    unavailable: {
      title: 'Bitte versuchen Sie es gleich noch einmal',
      message: 'Wir können diesen Link gerade nicht prüfen. Es ist nichts damit geschehen.',
    },
  },
  support: 'Hilfe und Kontakt',
} satisfies CompleteTexts;
