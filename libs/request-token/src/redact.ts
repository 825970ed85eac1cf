/** Whatever characters a JWT consists of, in one piece. */
const RUN = /[\w.-]+/g;

/** How the JSON object of every JWT's header begins, in base64url. */
const HEADER = 'eyJ';

/**
 * The text, or URL, with every JWT in it replaced by `[token]`: for access logs, error trackers and
 * traces, which otherwise keep links that still work.
 *
 * @publicApi
 */
export function redactRequestTokens(text: string): string;
export function redactRequestTokens(url: URL): URL;
export function redactRequestTokens(textOrUrl: string | URL): string | URL {
  if (typeof textOrUrl !== 'string') return new URL(redactRequestTokens(textOrUrl.href));
  // Most texts have none, and this is soon seen.
  return textOrUrl.includes(HEADER) ? textOrUrl.replace(RUN, redactRun) : textOrUrl;
}

/**
 * Of a header, two dots and what is between and behind them, nothing is left. Written by hand because a
 * regular expression that looks for it takes quadratic time, and the text is an attacker's.
 */
function redactRun(run: string): string {
  const parts = run.split('.');
  const first = parts.findIndex(
    (part, index) => index + 2 < parts.length && parts[index + 1] !== '' && part.includes(HEADER),
  );
  if (first === -1) return run;
  const before = parts[first].slice(0, parts[first].indexOf(HEADER));
  return [...parts.slice(0, first), `${before}[token]`].join('.');
}
