/**
 * The URL; undefined for what is none.
 *
 * Without `URL.canParse`: of Node.js 20 that says no to hosts with characters such as `ü`, once the engine has
 * optimized the call.
 */
export function parseUrl(text: string, base?: string | URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
