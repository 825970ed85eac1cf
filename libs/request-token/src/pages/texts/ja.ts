import type { CompleteTexts } from '../page.js';

const damaged = {
  title: 'このリンクは正しくありません',
  message:
    'アドレスの一部が欠けているか、途中で変更されています。元のメッセージのリンクを開くか、リンク全体をコピーしてください。',
};

const elsewhere = {
  title: 'このリンクは別のページのものです',
  message: 'メッセージに記載されているリンクを、そのまま開いてください。',
};

export default {
  confirm: {
    title: 'ご確認のお願い',
    message: 'まだ何も処理されていません。続けるには、ボタンを押してください。',
    button: '続ける',
  },
  refusals: {
    token_missing: {
      title: 'リンクが必要です',
      message: 'このページは、お送りしたメッセージのリンクからのみ開くことができます。',
    },
    token_malformed: damaged,
    token_signature_invalid: damaged,
    token_expired: {
      title: 'このリンクの有効期限が切れています',
      message: 'このリンクを使える期間は終了しました。お手数ですが、新しいリンクの発行をご依頼ください。',
    },
    token_not_yet_valid: {
      title: 'このリンクはまだ使えません',
      message: '時間をおいて、もう一度お試しください。',
    },
    token_scope_mismatch: elsewhere,
    token_target_mismatch: elsewhere,
    token_audience_mismatch: {
      title: 'このリンクは別の方宛てのものです',
      message:
        '現在、別の方のアカウントでログインしています。ログアウトしてから、もう一度リンクを開いてください。',
    },
    token_exhausted: {
      title: 'このリンクはすでに使用されています',
      message:
        'ご自身で使用された場合は、手続きは完了しており、これ以上の操作は必要ありません。お心当たりがない場合は、お手数ですが、新しいリンクの発行をご依頼ください。',
    },
    token_revoked: {
      title: 'このリンクは取り消されました',
      message: 'このリンクはもう使えません。お手数ですが、新しいリンクの発行をご依頼ください。',
    },
    token_unknown: {
      title: 'このリンクの記録がありません',
      message: 'かなり前のリンクかもしれません。お手数ですが、新しいリンクの発行をご依頼ください。',
    },
    token_user_not_found: {
      title: 'このアカウントはもう存在しません',
      message:
        'リンクの宛先の方は、現在こちらのアカウントをお持ちではありません。これ以上の操作は必要ありません。',
    },
    token_user_changed: {
      title: 'このリンクは現在のアカウント情報と一致しません',
      message: 'このリンクはもう使えません。お手数ですが、新しいリンクの発行をご依頼ください。',
    },
    unavailable: {
      title: 'しばらくしてから、もう一度お試しください',
      message: '現在、このリンクを確認できません。リンクの状態は変わっていません。',
    },
  },
  support: 'ヘルプ・お問い合わせ',
} satisfies CompleteTexts;
