import type { CompleteTexts } from '../page.js';

const damaged = {
  title: 'هذا الرابط تالف',
  message: 'جزء من العنوان ناقص أو تغيّر أثناء الإرسال. يُرجى فتح الرابط من الرسالة الأصلية أو نسخه كاملًا.',
};

const elsewhere = { title: 'هذا الرابط يخص صفحة أخرى', message: 'يُرجى فتح الرابط كما هو في الرسالة تمامًا.' };

export default {
  confirm: {
    title: 'يُرجى التأكيد',
    message: 'لم يحدث أي شيء بعد. للمتابعة، يُرجى الضغط على الزر.',
    button: 'تأكيد',
  },
  refusals: {
    token_missing: {
      title: 'يلزم رابط لفتح هذه الصفحة',
      message: 'لا تُفتح إلا بالرابط الوارد في الرسالة التي أُرسلت إليك.',
    },
    token_malformed: damaged,
    token_signature_invalid: damaged,
    token_expired: {
      title: 'انتهت صلاحية هذا الرابط',
      message: 'كان الرابط صالحًا لمدة محدودة، وقد انقضت. يُرجى طلب رابط جديد.',
    },
    token_not_yet_valid: {
      title: 'لا يمكن استخدام هذا الرابط بعد',
      message: 'يُرجى المحاولة مرة أخرى لاحقًا.',
    },
    token_scope_mismatch: elsewhere,
    token_target_mismatch: elsewhere,
    token_audience_mismatch: {
      title: 'هذا الرابط موجّه إلى شخص آخر',
      message: 'تسجيل الدخول الحالي باسم شخص آخر. يُرجى تسجيل الخروج ثم فتح الرابط من جديد.',
    },
    token_exhausted: {
      title: 'سبق استخدام هذا الرابط',
      message: 'إذا استُخدم الرابط من جانبك، فقد اكتمل الأمر ولا يلزم أي إجراء آخر. وإلا فيُرجى طلب رابط جديد.',
    },
    token_revoked: { title: 'أُلغي هذا الرابط', message: 'لم يعد الرابط يعمل. يُرجى طلب رابط جديد.' },
    token_unknown: { title: 'لم يعد هذا الرابط معروفًا', message: 'ربما يكون قديمًا جدًا. يُرجى طلب رابط جديد.' },
    token_user_not_found: {
      title: 'لم يعد هذا الحساب موجودًا',
      message: 'أُرسل الرابط إلى شخص لم يعد لديه حساب هنا. لا يلزم أي إجراء آخر.',
    },
    token_user_changed: {
      title: 'لم يعد هذا الرابط مطابقًا لحسابك',
      message: 'لم يعد الرابط يعمل. يُرجى طلب رابط جديد.',
    },
    unavailable: {
      title: 'يُرجى المحاولة مرة أخرى بعد قليل',
      message: 'لا يمكننا التحقق من هذا الرابط حاليًا. لم يتغيّر فيه شيء.',
    },
  },
  support: 'المساعدة والتواصل',
} satisfies CompleteTexts;
