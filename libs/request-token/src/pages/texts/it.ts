import type { CompleteTexts } from '../page.js';

const damaged = {
  title: 'Questo link è danneggiato',
  message:
    'Una parte dell’indirizzo manca o è stata modificata durante la trasmissione. La preghiamo di aprire il link nel messaggio originale o di copiarlo per intero.',
};

const elsewhere = {
  title: 'Questo link appartiene a un’altra pagina',
  message: 'La preghiamo di aprire il link esattamente come appare nel messaggio.',
};

export default {
  confirm: {
    title: 'La preghiamo di confermare',
    message: 'Non è ancora successo nulla. Prema il pulsante per continuare.',
    button: 'Conferma',
  },
  refusals: {
    token_missing: {
      title: 'Manca un link',
      message: 'Questa pagina si apre solo con il link contenuto nel messaggio che ha ricevuto.',
    },
    token_malformed: damaged,
    token_signature_invalid: damaged,
    token_expired: {
      title: 'Questo link è scaduto',
      message: 'Era valido per un periodo limitato, che è terminato. La preghiamo di richiederne uno nuovo.',
    },
    token_not_yet_valid: {
      title: 'Questo link non è ancora utilizzabile',
      message: 'La preghiamo di riprovare più tardi.',
    },
    token_scope_mismatch: elsewhere,
    token_target_mismatch: elsewhere,
    token_audience_mismatch: {
      title: 'Questo link è per un’altra persona',
      message:
        'Al momento è connessa un’altra persona. La preghiamo di uscire dall’account e di aprire di nuovo il link.',
    },
    token_exhausted: {
      title: 'Questo link è già stato utilizzato',
      message:
        'Se ha già completato l’operazione, è tutto a posto e non c’è altro da fare. In caso contrario, la preghiamo di richiederne uno nuovo.',
    },
    token_revoked: {
      title: 'Questo link è stato annullato',
      message: 'Non funziona più. La preghiamo di richiederne uno nuovo.',
    },
    token_unknown: {
      title: 'Questo link non è più riconosciuto',
      message: 'Potrebbe essere molto vecchio. La preghiamo di richiederne uno nuovo.',
    },
    token_user_not_found: {
      title: 'Questo account non esiste più',
      message: 'Il link è stato inviato a una persona che non ha più un account qui. Non c’è altro da fare.',
    },
    token_user_changed: {
      title: 'Questo link non corrisponde più al suo account',
      message: 'Non funziona più. La preghiamo di richiederne uno nuovo.',
    },
    unavailable: {
      title: 'La preghiamo di riprovare tra un momento',
      message: 'Al momento non possiamo verificare questo link. Il link è rimasto invariato.',
    },
  },
  support: 'Assistenza e contatti',
} satisfies CompleteTexts;
