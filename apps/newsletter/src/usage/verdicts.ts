import type { RequestTokenErrorCode } from 'nestjs-request-token';

/** Why a link cannot be used, in the words of somebody who helps its reader. */
export const VERDICTS: Record<RequestTokenErrorCode, string> = {
  token_missing: 'There is no token in it. Was the whole link pasted?',
  token_malformed:
    'It is damaged: most often a mail program has cut the link, or only a part of it was copied.',
  token_signature_invalid:
    'It was changed on its way, or was not made by this app with one of its present keys.',
  token_expired: 'It has expired.',
  token_not_yet_valid: 'It is not valid yet.',
  token_scope_mismatch: 'It was made for another purpose.',
  token_target_mismatch: 'It was made for another page.',
  token_audience_mismatch: 'It was made for somebody else than the one who was logged in.',
  token_exhausted: 'All of its uses are taken.',
  token_revoked: 'It was withdrawn.',
  token_unknown: 'It was made by this app, but its record has been deleted.',
  token_user_changed: 'The person has changed since it was made, and it was to end with that.',
  token_user_not_found: 'The person it was made for does not exist any more.',
};
