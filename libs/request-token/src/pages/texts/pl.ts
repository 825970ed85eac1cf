import type { CompleteTexts } from '../page.js';

const damaged = {
  title: 'Ten link jest uszkodzony',
  message:
    'Brakuje części adresu lub została ona po drodze zmieniona. Prosimy otworzyć link w oryginalnej wiadomości albo skopiować go w całości.',
};

const elsewhere = {
  title: 'Ten link dotyczy innej strony',
  message: 'Prosimy otworzyć link dokładnie w takiej postaci, w jakiej jest w wiadomości.',
};

export default {
  confirm: {
    title: 'Prosimy o potwierdzenie',
    message: 'Na razie nic się nie stało. Aby kontynuować, prosimy nacisnąć przycisk.',
    button: 'Potwierdź',
  },
  refusals: {
    token_missing: {
      title: 'Brakuje linku',
      message: 'Tę stronę można otworzyć tylko za pomocą linku z otrzymanej wiadomości.',
    },
    token_malformed: damaged,
    token_signature_invalid: damaged,
    token_expired: {
      title: 'Ten link wygasł',
      message: 'Był ważny przez ograniczony czas, który już minął. Można poprosić o nowy link.',
    },
    token_not_yet_valid: {
      title: 'Tego linku nie można jeszcze użyć',
      message: 'Prosimy spróbować ponownie później.',
    },
    token_scope_mismatch: elsewhere,
    token_target_mismatch: elsewhere,
    token_audience_mismatch: {
      title: 'Ten link jest dla innej osoby',
      message: 'Obecnie zalogowana jest inna osoba. Prosimy się wylogować i ponownie otworzyć link.',
    },
    token_exhausted: {
      title: 'Ten link został już użyty',
      message:
        'Jeśli sprawa jest już załatwiona, nie trzeba robić nic więcej. W przeciwnym razie można poprosić o nowy link.',
    },
    token_revoked: {
      title: 'Ten link został wycofany',
      message: 'Link już nie działa. Można poprosić o nowy.',
    },
    token_unknown: {
      title: 'Ten link nie jest już rozpoznawany',
      message: 'Być może jest bardzo stary. Można poprosić o nowy link.',
    },
    token_user_not_found: {
      title: 'To konto już nie istnieje',
      message: 'Link wysłano do osoby, która nie ma tu już konta. Nie trzeba robić nic więcej.',
    },
    token_user_changed: {
      title: 'Ten link nie pasuje już do konta',
      message: 'Link już nie działa. Można poprosić o nowy.',
    },
    unavailable: {
      title: 'Prosimy spróbować ponownie za chwilę',
      message: 'W tej chwili nie możemy sprawdzić tego linku. Z linkiem nic się nie stało.',
    },
  },
  support: 'Pomoc i kontakt',
} satisfies CompleteTexts;
