/** A character as it is, or percent-encoded, any number of times: `.`, `%2E`, `%252E`. */
const orEncoded = (literal: string, hex: string): string => `(?:${literal}|%(?:25)*(?:${hex}))`;

/** Whatever characters a JWT consists of, in one piece. */
const RUN = new RegExp(
  `${orEncoded('[\\w.-]', '2[DdEe]|3\\d|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9Aa]')}+`,
  'g',
);

/** How the JSON object of every JWT's header begins, in base64url: `eyJ`. */
const HEADER = new RegExp(orEncoded('e', '65') + orEncoded('y', '79') + orEncoded('J', '4[Aa]'), 'g');

const DOT = new RegExp(orEncoded('\\.', '2[Ee]'), 'g');

/**
 * The text, or URL, with every JWT in it replaced by `[token]`, however its characters are percent-encoded: for
 * access logs, error trackers and traces, which otherwise keep links that still work. What is neither text nor
 * URL, such as the `Referer` of a request that has none, is returned as it is.
 *
 * @publicApi
 */
export function redactRequestTokens(text: string): string;
export function redactRequestTokens(url: URL): URL;
export function redactRequestTokens(textOrUrl: string | URL): string | URL {
  if (typeof textOrUrl !== 'string') {
    return isUrl(textOrUrl) ? new URL(redactRequestTokens(textOrUrl.href)) : textOrUrl;
  }
  // Most texts have none, and this is soon seen.
  return textOrUrl.search(HEADER) === -1 ? textOrUrl : textOrUrl.replace(RUN, redactRun);
}

/** By its looks: there are more classes of them than one. */
const isUrl = (value: unknown): value is URL =>
  typeof value === 'object' && value !== null && 'href' in value && typeof value.href === 'string';

/**
 * Of a header, two dots and what is between and behind them, nothing is left. A header may begin within what
 * looks like an encoded character, as in `%2eyJ`: there is no telling what the writer meant.
 *
 * Written by hand because a regular expression that looks for it takes quadratic time, and the text is an
 * attacker's.
 */
function redactRun(run: string): string {
  const dots = [...run.matchAll(DOT)];
  let next = 0;
  for (const { index, 0: header } of run.matchAll(HEADER)) {
    while (next < dots.length && dots[next].index < index + header.length) next++;
    const [first, second] = dots.slice(next, next + 2);
    if (second && second.index > first.index + first[0].length) return `${run.slice(0, index)}[token]`;
  }
  return run;
}
