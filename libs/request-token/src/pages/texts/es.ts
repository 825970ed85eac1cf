import type { CompleteTexts } from '../page.js';

const damaged = {
  title: 'Este enlace está dañado',
  message:
    'Falta una parte de la dirección o se ha modificado por el camino. Por favor, abra el enlace en el mensaje original o cópielo completo.',
};

const elsewhere = {
  title: 'Este enlace corresponde a otra página',
  message: 'Por favor, abra el enlace exactamente como aparece en el mensaje.',
};

export default {
  confirm: {
    title: 'Por favor, confirme',
    message: 'Todavía no ha ocurrido nada. Pulse el botón para continuar.',
    button: 'Confirmar',
  },
  refusals: {
    token_missing: {
      title: 'Falta un enlace',
      message: 'Esta página solo se abre con el enlace del mensaje que ha recibido.',
    },
    token_malformed: damaged,
    token_signature_invalid: damaged,
    token_expired: {
      title: 'Este enlace ha caducado',
      message: 'Era válido por un tiempo limitado, que ya ha terminado. Por favor, solicite uno nuevo.',
    },
    token_not_yet_valid: {
      title: 'Este enlace todavía no se puede usar',
      message: 'Por favor, inténtelo de nuevo más tarde.',
    },
    token_scope_mismatch: elsewhere,
    token_target_mismatch: elsewhere,
    token_audience_mismatch: {
      title: 'Este enlace es para otra persona',
      message:
        'La sesión iniciada es de otra persona. Por favor, cierre la sesión y vuelva a abrir el enlace.',
    },
    token_exhausted: {
      title: 'Este enlace ya se ha utilizado',
      message:
        'Si lo utilizó usted, ya está todo hecho y no es necesario hacer nada más. Si no, por favor, solicite uno nuevo.',
    },
    token_revoked: {
      title: 'Este enlace se ha anulado',
      message: 'Ya no funciona. Por favor, solicite uno nuevo.',
    },
    token_unknown: {
      title: 'Este enlace ya no se reconoce',
      message: 'Puede que sea muy antiguo. Por favor, solicite uno nuevo.',
    },
    token_user_not_found: {
      title: 'Esta cuenta ya no existe',
      message: 'El enlace se envió a alguien que ya no tiene cuenta aquí. No es necesario hacer nada más.',
    },
    token_user_changed: {
      title: 'Este enlace ya no corresponde a su cuenta',
      message: 'Ya no funciona. Por favor, solicite uno nuevo.',
    },
    unavailable: {
      title: 'Por favor, inténtelo de nuevo en un momento',
      message: 'Ahora mismo no podemos comprobar este enlace. El enlace sigue como estaba.',
    },
  },
  support: 'Ayuda y contacto',
} satisfies CompleteTexts;
