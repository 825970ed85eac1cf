import { HttpException, HttpStatus, ServiceUnavailableException } from '@nestjs/common';
import type { RequestTokenClaims } from './claims.js';

const MESSAGES = {
  token_missing: 'This page can only be opened with the link from the message it was sent in.',
  token_malformed: 'This link is damaged. It may have been cut off on its way.',
  token_signature_invalid: 'This link was not made by this site, or was changed on its way.',
  token_expired: 'This link has expired.',
  token_not_yet_valid: 'This link cannot be used yet.',
  token_scope_mismatch: 'This link was made for something else.',
  token_target_mismatch: 'This link was made for another page.',
  token_audience_mismatch: 'This link was made for another user than the one who is logged in.',
  token_exhausted: 'This link has already been used.',
  token_revoked: 'This link has been withdrawn.',
  token_unknown: 'This link is not known here any more.',
  token_user_not_found: 'The user this link was made for does not exist any more.',
  token_user_changed: 'This link no longer fits the account it was made for.',
} as const;

/**
 * Why a request or a redemption was turned away because of its token.
 *
 * | code | meaning |
 * |---|---|
 * | `token_missing` | the route needs a token and the request has none |
 * | `token_malformed` | several values, not a string, or not a JWT with the claims of a request token |
 * | `token_signature_invalid` | wrong signature, algorithm, key id, `typ` or issuer: not a token of this app |
 * | `token_expired`, `token_not_yet_valid` | outside its time window |
 * | `token_scope_mismatch`, `token_target_mismatch` | a good token for another route |
 * | `token_audience_mismatch` | somebody else is already known as the user of this request |
 * | `token_exhausted` | all its uses are taken |
 * | `token_revoked` | revoked |
 * | `token_unknown` | its row was deleted |
 * | `token_user_not_found` | its recipient does not exist |
 * | `token_user_changed` | what it was bound to (`boundTo`) is not what its recipient has now, or is not known any more |
 *
 * @publicApi
 */
export type RequestTokenErrorCode = keyof typeof MESSAGES;

/**
 * Every code, by itself: `RequestTokenErrorCode.token_expired === 'token_expired'`.
 *
 * @publicApi
 */
export const RequestTokenErrorCode = Object.freeze(
  Object.fromEntries(Object.keys(MESSAGES).map((code) => [code, code])),
) as { readonly [Code in RequestTokenErrorCode]: Code };

/**
 * A refusal: a request turned away because of its token. Answered with status 403 and the body
 * `{ statusCode, error, code, message }`. Never contains the JWT.
 *
 * @publicApi
 */
export class RequestTokenException extends HttpException {
  constructor(
    readonly code: RequestTokenErrorCode,
    /** The token's claims, when its signature was good. */
    readonly claims?: RequestTokenClaims,
  ) {
    super(
      { statusCode: HttpStatus.FORBIDDEN, error: 'Forbidden', code, message: MESSAGES[code] },
      HttpStatus.FORBIDDEN,
    );
  }
}

/**
 * A token that could not be checked, because the database or the user loader failed. Answered with
 * status 503; nothing was counted.
 *
 * @publicApi
 */
export class RequestTokenUnavailableException extends ServiceUnavailableException {
  constructor() {
    super('This link cannot be checked at the moment. Please try again soon.');
  }
}
