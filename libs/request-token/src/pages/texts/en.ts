import type { CompleteTexts } from '../page.js';

const damaged = {
  title: 'This link is damaged',
  message:
    'Part of the address is missing or was changed on its way. Please open the link in the original message, or copy all of it.',
};

const elsewhere = {
  title: 'This link belongs to another page',
  message: 'Please open the link exactly as it is in the message.',
};

export default {
  confirm: {
    title: 'Please confirm',
    message: 'Nothing has happened yet. Press the button to go on.',
    button: 'Confirm',
  },
  refusals: {
    token_missing: {
      title: 'There is a link missing',
      message: 'This page only opens with the link from the message that was sent to you.',
    },
    token_malformed: damaged,
    token_signature_invalid: damaged,
    token_expired: {
      title: 'This link has expired',
      message: 'It was valid for a limited time, which is over. Please ask for a new one.',
    },
    token_not_yet_valid: { title: 'This link cannot be used yet', message: 'Please try again later.' },
    token_scope_mismatch: elsewhere,
    token_target_mismatch: elsewhere,
    token_audience_mismatch: {
      title: 'This link is for somebody else',
      message:
        'You are logged in as another person than the one it was sent to. Please log out, then open it again.',
    },
    token_exhausted: {
      title: 'This link has already been used',
      message:
        'If it was you who used it, all is done, and there is nothing left to do. Otherwise please ask for a new one.',
    },
    token_revoked: {
      title: 'This link has been withdrawn',
      message: 'It does not work any more. Please ask for a new one.',
    },
    token_unknown: {
      title: 'This link is not known any more',
      message: 'It may be very old. Please ask for a new one.',
    },
    token_user_not_found: {
      title: 'This account does not exist any more',
      message: 'The link was sent to somebody who has no account here any more. There is nothing left to do.',
    },
    token_user_changed: {
      title: 'This link no longer fits your account',
      message: 'It does not work any more. Please ask for a new one.',
    },
    unavailable: {
      title: 'Please try again in a moment',
      message: 'We cannot check this link right now. Nothing has happened to it.',
    },
  },
  support: 'Help and contact',
} satisfies CompleteTexts;
