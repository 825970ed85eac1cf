import type { RequestTokenErrorCode } from '../common/exception.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import type { RequestTokenLog, RequestTokenOutcome } from '../entities/request-token-log.entity.js';
import type { RequestTokenState } from '../entities/token-state.js';

/** A moment as people read it, in UTC: `3 May 2027, 14:03:20 UTC`. */
export function timeText(moment: Date): string {
  return `${FORMAT.format(moment)} UTC`;
}

const FORMAT = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'long',
  timeStyle: 'medium',
  timeZone: 'UTC',
});

/** Why a link does not work, to somebody who helps its reader. */
export const REASONS: Record<RequestTokenErrorCode, string> = {
  token_missing: 'There is no token in it. Was the whole link pasted?',
  token_malformed: 'It is damaged: most often a mail program has cut it, or only a part of it was copied.',
  token_signature_invalid:
    'It was changed on its way, or was not made by this app with one of its present keys.',
  token_expired: 'It has expired.',
  token_not_yet_valid: 'It is not valid yet.',
  token_scope_mismatch: 'It was made for another purpose.',
  token_target_mismatch: 'It was made for another page.',
  token_audience_mismatch: 'It was made for somebody else than the one who was logged in.',
  token_exhausted: 'All of its uses are taken.',
  token_revoked: 'It was revoked.',
  token_unknown: 'It was made by this app, but its record has been deleted.',
  token_user_changed: 'Its user has changed since it was made, and it was to end with that.',
  token_user_not_found: 'The user it was made for does not exist any more.',
};

/** What an attempt came to, where people choose one. */
export const OUTCOME_TEXTS: Record<RequestTokenOutcome, string> = {
  pending: 'not ended yet',
  used: 'used',
  released: 'given back',
  token_missing: 'refused: no token',
  token_malformed: 'refused: damaged',
  token_signature_invalid: 'refused: not ours',
  token_expired: 'refused: expired',
  token_not_yet_valid: 'refused: not valid yet',
  token_scope_mismatch: 'refused: for another purpose',
  token_target_mismatch: 'refused: for another page',
  token_audience_mismatch: 'refused: for somebody else',
  token_exhausted: 'refused: used up',
  token_revoked: 'refused: revoked',
  token_unknown: 'refused: record deleted',
  token_user_changed: 'refused: user has changed',
  token_user_not_found: 'refused: user is gone',
};

/**
 * In one or two sentences whether a link works, and what happened.
 *
 * @param pending how many of its uses have not ended
 * @param code why the link would be refused by something that its row does not tell, such as that its user has changed
 */
export function verdictOf(
  token: RequestToken,
  state: RequestTokenState,
  attempts: RequestTokenLog[],
  pending: number,
  code?: RequestTokenErrorCode,
): string {
  const used = attempts.find(({ outcome }) => outcome === 'used');
  const parts = [
    state === 'usable' && code ? `This link does not work. ${REASONS[code]}` : STATES[state](token, used),
  ];
  if (state !== 'exhausted' && used) parts.push(`It was last used on ${whenAndWhence(used)}.`);
  if (pending === 1) {
    parts.push(
      'One use has not ended: it is being answered, or its server stopped in between, and it can be given back.',
    );
  } else if (pending > 1) {
    parts.push(
      `${pending} uses have not ended: they are being answered, or their server stopped in between, and they can be given back.`,
    );
  }
  return parts.join(' ');
}

const STATES: Record<RequestTokenState, (token: RequestToken, used?: RequestTokenLog) => string> = {
  usable: ({ maxUses, useCount, expiresAt }) => {
    const uses = maxUses === null ? 'any number of times' : times(maxUses - useCount);
    const until = expiresAt ? `until ${timeText(expiresAt)}` : 'for an unlimited time';
    return `This link works: it can be used ${uses}${useCount > 0 && maxUses !== null ? ' more' : ''}, ${until}.`;
  },
  revoked: ({ revokedAt }) =>
    `This link does not work any more: it was revoked${revokedAt ? ` on ${timeText(revokedAt)}` : ''}.`,
  expired: ({ expiresAt }) =>
    `This link does not work any more: it expired${expiresAt ? ` on ${timeText(expiresAt)}` : ''}.`,
  not_yet_valid: ({ notBefore }) =>
    `This link does not work yet${notBefore ? `: it begins on ${timeText(notBefore)}` : ''}.`,
  exhausted: ({ maxUses }, used) =>
    used
      ? `This link was used on ${whenAndWhence(used)}. It can be used ${times(maxUses ?? 1)} only, so it does not work any more.`
      : `This link does not work any more: it can be used ${times(maxUses ?? 1)} only, and was.`,
};

const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`);

function whenAndWhence({ startedAt, clientIp, userAgent }: RequestTokenLog): string {
  const browser = browserOf(userAgent);
  return (
    timeText(startedAt) +
    (clientIp === null ? '' : ` from ${clientIp}`) +
    (browser === undefined ? '' : ` with ${browser}`)
  );
}

/** Those that people know by name, each before those that it pretends to be. */
const BROWSERS: [mark: RegExp, name: string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];

const browserOf = (userAgent: string | null): string | undefined =>
  BROWSERS.find(([mark]) => mark.test(userAgent ?? ''))?.[1];

/** What an attempt came to, in plain words. */
export function outcomeText({ outcome, statusCode, repeats }: RequestTokenLog): string {
  switch (outcome) {
    case 'used':
      return statusCode === null ? 'Used' : `Used: the app answered with ${statusCode}`;
    case 'released':
      return statusCode === null
        ? 'Given back: nobody knows how it ended'
        : `Given back: the app answered with ${statusCode}`;
    case 'pending':
      return 'Not ended yet: being answered, or the server stopped';
    default:
      return refusalText(REASONS[outcome] ?? outcome, repeats);
  }
}

const refusalText = (reason: string, repeats: number): string =>
  `Refused${repeats > 1 ? ` ${repeats} times within a minute` : ''}: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;

export const STATE_TEXTS: Record<RequestTokenState, string> = {
  usable: 'works',
  revoked: 'revoked',
  expired: 'expired',
  not_yet_valid: 'not valid yet',
  exhausted: 'used up',
};
