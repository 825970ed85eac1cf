/** Three base64url parts of which the first is a JSON object, as every JWT begins. */
const JWT = /\beyJ[\w-]*\.[\w-]+\.[\w-]*/g;

/**
 * The text, or URL, with every JWT in it replaced by `[token]`: for access logs, error trackers and
 * traces, which otherwise keep links that still work.
 *
 * @publicApi
 */
export function redactRequestTokens(text: string): string;
export function redactRequestTokens(url: URL): URL;
export function redactRequestTokens(textOrUrl: string | URL): string | URL {
  return typeof textOrUrl === 'string'
    ? textOrUrl.replace(JWT, '[token]')
    : new URL(textOrUrl.href.replace(JWT, '[token]'));
}
