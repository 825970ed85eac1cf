/**
 * Whether mail programs may POST to a link by themselves: it has to be https (RFC 8058 section 3). Localhost
 * counts as well, so that the app can be tried.
 */
export function bearsOneClick(link: string): boolean {
  try {
    const { protocol, hostname } = new URL(link);
    return (
      protocol === 'https:' ||
      (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))
    );
  } catch {
    return false;
  }
}
