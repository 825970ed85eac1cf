/** A character as it is, or percent-encoded, any number of times: `.`, `%2E`, `%252E`. */
const orEncoded = (literal: string, hex: string): string => `(?:${literal}|%(?:25)*(?:${hex}))`;

/** Whatever characters a JWT consists of, in one piece. */
const RUN = new RegExp(
  `${orEncoded('[\\w.-]', '2[DdEe]|3\\d|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9Aa]')}+`,
  'g',
);

/** One of them. */
const ENCODED = /%(?:25)*([\dA-Fa-f]{2})/g;

const CHARACTER = /%(?:25)*[\dA-Fa-f]{2}|[^]/g;

/** How the JSON object of every JWT's header begins, in base64url. */
const HEADER = 'eyJ';

const ANY_HEADER = new RegExp(orEncoded('e', '65') + orEncoded('y', '79') + orEncoded('J', '4[Aa]'));

/**
 * The text, or URL, with every JWT in it replaced by `[token]`, however its characters are percent-encoded: for
 * access logs, error trackers and traces, which otherwise keep links that still work.
 *
 * @publicApi
 */
export function redactRequestTokens(text: string): string;
export function redactRequestTokens(url: URL): URL;
export function redactRequestTokens(textOrUrl: string | URL): string | URL {
  if (typeof textOrUrl !== 'string') return new URL(redactRequestTokens(textOrUrl.href));
  // Most texts have none, and this is soon seen.
  return ANY_HEADER.test(textOrUrl) ? textOrUrl.replace(RUN, redactRun) : textOrUrl;
}

/**
 * Of a header, two dots and what is between and behind them, nothing is left. Written by hand because a
 * regular expression that looks for it takes quadratic time, and the text is an attacker's.
 */
function redactRun(run: string): string {
  const parts = decode(run).split('.');
  const first = parts.findIndex(
    (part, index) => index + 2 < parts.length && parts[index + 1] !== '' && part.includes(HEADER),
  );
  if (first === -1) return run;
  const kept = parts.slice(0, first).reduce((length, part) => length + part.length + 1, 0);
  return `${encodedStart(run, kept + parts[first].indexOf(HEADER))}[token]`;
}

const decode = (run: string): string =>
  run.replace(ENCODED, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));

/** The beginning of a run that decodes to so many characters. */
function encodedStart(run: string, length: number): string {
  let end = 0;
  let count = 0;
  for (const [character] of run.matchAll(CHARACTER)) {
    if (count++ === length) break;
    end += character.length;
  }
  return run.slice(0, end);
}
