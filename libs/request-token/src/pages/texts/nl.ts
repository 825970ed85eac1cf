import type { CompleteTexts } from '../page.js';

const damaged = {
  title: 'Deze link is beschadigd',
  message:
    'Een deel van het adres ontbreekt of is onderweg veranderd. Open de link in het oorspronkelijke bericht of kopieer de volledige link.',
};

const elsewhere = {
  title: 'Deze link hoort bij een andere pagina',
  message: 'Open de link precies zoals die in het bericht staat.',
};

export default {
  confirm: {
    title: 'Wilt u dit bevestigen?',
    message: 'Er is nog niets gebeurd. Druk op de knop om door te gaan.',
    button: 'Bevestigen',
  },
  refusals: {
    token_missing: {
      title: 'Er ontbreekt een link',
      message: 'Deze pagina opent alleen met de link uit het bericht dat u hebt ontvangen.',
    },
    token_malformed: damaged,
    token_signature_invalid: damaged,
    token_expired: {
      title: 'Deze link is verlopen',
      message: 'De link was beperkte tijd geldig en die tijd is voorbij. Vraag een nieuwe link aan.',
    },
    token_not_yet_valid: {
      title: 'Deze link kan nog niet worden gebruikt',
      message: 'Probeer het later nog eens.',
    },
    token_scope_mismatch: elsewhere,
    token_target_mismatch: elsewhere,
    token_audience_mismatch: {
      title: 'Deze link is voor iemand anders',
      message: 'Er is nu iemand anders ingelogd. Log uit en open de link opnieuw.',
    },
    token_exhausted: {
      title: 'Deze link is al gebruikt',
      message:
        'Als u dat zelf was, is alles geregeld en hoeft u niets meer te doen. Vraag anders een nieuwe link aan.',
    },
    token_revoked: {
      title: 'Deze link is ingetrokken',
      message: 'De link werkt niet meer. Vraag een nieuwe link aan.',
    },
    token_unknown: {
      title: 'Deze link is niet meer bekend',
      message: 'Misschien is de link erg oud. Vraag een nieuwe link aan.',
    },
    token_user_not_found: {
      title: 'Dit account bestaat niet meer',
      message:
        'De link is verstuurd aan iemand die hier geen account meer heeft. U hoeft niets meer te doen.',
    },
    token_user_changed: {
      title: 'Deze link past niet meer bij uw account',
      message: 'De link werkt niet meer. Vraag een nieuwe link aan.',
    },
    unavailable: {
      title: 'Probeer het zo meteen nog eens',
      message: 'We kunnen deze link nu niet controleren. Er is niets met de link gebeurd.',
    },
  },
  support: 'Hulp en contact',
} satisfies CompleteTexts;
