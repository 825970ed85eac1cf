import type { CompleteTexts } from '../page.js';

const damaged = {
  title: 'Ce lien est endommagé',
  message:
    'Une partie de l’adresse manque ou a été modifiée en chemin. Veuillez ouvrir le lien dans le message d’origine ou le copier en entier.',
};

const elsewhere = {
  title: 'Ce lien correspond à une autre page',
  message: 'Veuillez ouvrir le lien exactement tel qu’il figure dans le message.',
};

export default {
  confirm: {
    title: 'Veuillez confirmer',
    message: 'Rien n’a encore été fait. Appuyez sur le bouton pour continuer.',
    button: 'Confirmer',
  },
  refusals: {
    token_missing: {
      title: 'Il manque un lien',
      message: 'Cette page ne s’ouvre qu’avec le lien du message que vous avez reçu.',
    },
    token_malformed: damaged,
    token_signature_invalid: damaged,
    token_expired: {
      title: 'Ce lien a expiré',
      message: 'Il était valable pour une durée limitée, qui est écoulée. Veuillez en demander un nouveau.',
    },
    token_not_yet_valid: {
      title: 'Ce lien n’est pas encore valable',
      message: 'Veuillez réessayer plus tard.',
    },
    token_scope_mismatch: elsewhere,
    token_target_mismatch: elsewhere,
    token_audience_mismatch: {
      title: 'Ce lien est destiné à une autre personne',
      message:
        'La session ouverte est celle d’une autre personne. Veuillez vous déconnecter, puis ouvrir de nouveau le lien.',
    },
    token_exhausted: {
      title: 'Ce lien a déjà été utilisé',
      message:
        'Si c’est vous qui l’avez utilisé, tout est en ordre et vous n’avez plus rien à faire. Sinon, veuillez en demander un nouveau.',
    },
    token_revoked: {
      title: 'Ce lien a été annulé',
      message: 'Il ne fonctionne plus. Veuillez en demander un nouveau.',
    },
    token_unknown: {
      title: 'Ce lien n’est plus reconnu',
      message: 'Il est peut-être très ancien. Veuillez en demander un nouveau.',
    },
    token_user_not_found: {
      title: 'Ce compte n’existe plus',
      message:
        'Le lien a été envoyé à une personne qui n’a plus de compte ici. Vous n’avez plus rien à faire.',
    },
    token_user_changed: {
      title: 'Ce lien ne correspond plus à votre compte',
      message: 'Il ne fonctionne plus. Veuillez en demander un nouveau.',
    },
    unavailable: {
      title: 'Veuillez réessayer dans un instant',
      message: 'Nous ne pouvons pas vérifier ce lien pour le moment. Il reste tel qu’il était.',
    },
  },
  support: 'Aide et contact',
} satisfies CompleteTexts;
