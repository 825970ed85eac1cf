import type { CompleteTexts } from '../page.js';

const damaged = {
  title: '此链接已损坏',
  message: '网址的一部分缺失，或在传送过程中被更改。请打开原消息中的链接，或完整复制该链接。',
};

const elsewhere = { title: '此链接属于另一个页面', message: '请按消息中的原样打开链接。' };

export default {
  confirm: { title: '请确认', message: '目前尚未执行任何操作。如需继续，请点击按钮。', button: '确认' },
  refusals: {
    token_missing: { title: '缺少链接', message: '只有通过发送给您的消息中的链接才能打开此页面。' },
    token_malformed: damaged,
    token_signature_invalid: damaged,
    token_expired: { title: '此链接已过期', message: '此链接的有效时间有限，现已结束。请申请新的链接。' },
    token_not_yet_valid: { title: '此链接尚不能使用', message: '请稍后再试。' },
    token_scope_mismatch: elsewhere,
    token_target_mismatch: elsewhere,
    token_audience_mismatch: {
      title: '此链接是发给其他人的',
      message: '当前登录的是其他人的账号。请退出登录，然后重新打开链接。',
    },
    token_exhausted: {
      title: '此链接已被使用',
      message: '如果是您本人使用的，则操作已完成，您无需再做任何事。否则，请申请新的链接。',
    },
    token_revoked: { title: '此链接已被撤回', message: '此链接已不能使用。请申请新的链接。' },
    token_unknown: { title: '此链接已无法识别', message: '此链接可能是很久以前的。请申请新的链接。' },
    token_user_not_found: {
      title: '此账号已不存在',
      message: '此链接的收件人在这里已没有账号。您无需再做任何事。',
    },
    token_user_changed: {
      title: '此链接与您的账号信息已不符',
      message: '此链接已不能使用。请申请新的链接。',
    },
    unavailable: { title: '请稍后重试', message: '目前无法检查此链接。链接的状态没有改变。' },
  },
  support: '帮助与联系方式',
} satisfies CompleteTexts;
