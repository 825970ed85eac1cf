import type { CompleteTexts } from '../page.js';

const damaged = {
  title: 'הקישור הזה פגום',
  message: 'חלק מהכתובת חסר או השתנה בדרך. נא לפתוח את הקישור מההודעה המקורית או להעתיק אותו במלואו.',
};

const elsewhere = {
  title: 'הקישור הזה שייך לדף אחר',
  message: 'נא לפתוח את הקישור בדיוק כפי שהוא מופיע בהודעה.',
};

export default {
  confirm: {
    title: 'נא לאשר',
    message: 'עדיין לא בוצעה שום פעולה. כדי להמשיך, נא ללחוץ על הכפתור.',
    button: 'אישור',
  },
  refusals: {
    token_missing: {
      title: 'חסר קישור',
      message: 'אפשר לפתוח את הדף הזה רק באמצעות הקישור שבהודעה שנשלחה אליך.',
    },
    token_malformed: damaged,
    token_signature_invalid: damaged,
    token_expired: {
      title: 'תוקף הקישור הזה פג',
      message: 'הקישור היה תקף לזמן מוגבל, שכבר הסתיים. נא לבקש קישור חדש.',
    },
    token_not_yet_valid: { title: 'עדיין אי אפשר להשתמש בקישור הזה', message: 'נא לנסות שוב מאוחר יותר.' },
    token_scope_mismatch: elsewhere,
    token_target_mismatch: elsewhere,
    token_audience_mismatch: {
      title: 'הקישור הזה מיועד לאדם אחר',
      message: 'החשבון המחובר כרגע שייך לאדם אחר. נא להתנתק ולפתוח את הקישור שוב.',
    },
    token_exhausted: {
      title: 'כבר נעשה שימוש בקישור הזה',
      message: 'אם השימוש נעשה על ידך, הכול הושלם ואין צורך בפעולה נוספת. אחרת, נא לבקש קישור חדש.',
    },
    token_revoked: { title: 'הקישור הזה בוטל', message: 'הקישור כבר לא פועל. נא לבקש קישור חדש.' },
    token_unknown: { title: 'הקישור הזה כבר לא מוכר', message: 'ייתכן שהוא ישן מאוד. נא לבקש קישור חדש.' },
    token_user_not_found: {
      title: 'החשבון הזה כבר לא קיים',
      message: 'הקישור נשלח לאדם שכבר אין לו חשבון כאן. אין צורך בפעולה נוספת.',
    },
    token_user_changed: {
      title: 'הקישור הזה כבר לא תואם לחשבון',
      message: 'הקישור כבר לא פועל. נא לבקש קישור חדש.',
    },
    unavailable: {
      title: 'נא לנסות שוב בעוד רגע',
      message: 'כרגע אי אפשר לבדוק את הקישור הזה. דבר לא השתנה בו.',
    },
  },
  support: 'עזרה ויצירת קשר',
} satisfies CompleteTexts;
