import type { CompleteTexts } from '../page.js';

const damaged = {
  title: 'Este link está danificado',
  message:
    'Uma parte do endereço está ausente ou foi alterada no caminho. Por favor, abra o link na mensagem original ou copie-o por inteiro.',
};

const elsewhere = {
  title: 'Este link pertence a outra página',
  message: 'Por favor, abra o link exatamente como está na mensagem.',
};

export default {
  confirm: {
    title: 'Por favor, confirme',
    message: 'Ainda não aconteceu nada. Pressione o botão para continuar.',
    button: 'Confirmar',
  },
  refusals: {
    token_missing: {
      title: 'Falta um link',
      message: 'Esta página só abre com o link da mensagem que recebeu.',
    },
    token_malformed: damaged,
    token_signature_invalid: damaged,
    token_expired: {
      title: 'Este link expirou',
      message: 'Era válido por um tempo limitado, que já terminou. Por favor, solicite um novo.',
    },
    token_not_yet_valid: {
      title: 'Este link ainda não pode ser usado',
      message: 'Por favor, tente novamente mais tarde.',
    },
    token_scope_mismatch: elsewhere,
    token_target_mismatch: elsewhere,
    token_audience_mismatch: {
      title: 'Este link é para outra pessoa',
      message: 'A sessão iniciada é de outra pessoa. Por favor, saia da conta e abra o link novamente.',
    },
    token_exhausted: {
      title: 'Este link já foi usado',
      message:
        'Se já concluiu a operação, está tudo certo e não é preciso fazer mais nada. Caso contrário, por favor, solicite um novo.',
    },
    token_revoked: {
      title: 'Este link foi cancelado',
      message: 'Já não funciona. Por favor, solicite um novo.',
    },
    token_unknown: {
      title: 'Este link já não é reconhecido',
      message: 'Talvez seja muito antigo. Por favor, solicite um novo.',
    },
    token_user_not_found: {
      title: 'Esta conta já não existe',
      message: 'O link foi enviado a alguém que já não tem conta aqui. Não é preciso fazer mais nada.',
    },
    token_user_changed: {
      title: 'Este link já não corresponde à sua conta',
      message: 'Já não funciona. Por favor, solicite um novo.',
    },
    unavailable: {
      title: 'Por favor, tente novamente em instantes',
      message: 'Neste momento não podemos verificar este link. O link continua como estava.',
    },
  },
  support: 'Ajuda e suporte',
} satisfies CompleteTexts;
