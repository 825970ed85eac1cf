import { assertBooleans, checkOf } from '../common/given.js';
import { assertScope } from '../common/scope.js';
import { assertConfirmOptions, type ConfirmOptions, type ConfirmOptionsOf } from './confirm-options.js';

/**
 * Options of `@UseRequestToken()`.
 *
 * @publicApi
 */
export interface UseRequestTokenOptions {
  /**
   * The label a token must have been issued for, 1 to 100 characters. Without it only tokens that are
   * bound to this route's path by their target are accepted.
   */
  scope?: string;
  /** Whether a request without a token is refused. Default: true. */
  required?: boolean;
  /**
   * What happens with a token that is no good. `'refuse'` (the default): a refusal. `'ignore'`: the
   * handler runs without a user, and `request.requestTokenError` says why. If its last use is lost to another
   * request after the app's guards have seen the user, the answer still is a refusal.
   */
  onInvalid?: 'refuse' | 'ignore';
  /**
   * Shows a page with one button before anything happens: GET takes no use, a click does, by POST. So
   * does the one-click POST of a mail program (RFC 8058). For routes declared with `@All(path)`. Texts of the page
   * may be made for its reader: ``({ user }) => ({ title: `Unsubscribe ${user.name}?` })``. Clients that ask for JSON
   * get the same as a {@link RequestTokenConfirmation}.
   * Default: false, a GET runs the handler.
   */
  confirm?: boolean | ConfirmOptions | ConfirmOptionsOf;
  /**
   * Says that a GET route without `confirm` is meant to use up a token by being opened, which mail
   * scanners do, too. Default: false, and the app warns of it at boot.
   */
  direct?: boolean;
  /** Whether uses and refusals are logged. Uses are counted in any case. Default: true. */
  log?: boolean;
  /**
   * Whether a final status of 400 or above gives the use back. One that a header field of the client has made of
   * an answer that was ready does not: 412 (`If-Match` and the like), 416 (`Range`), 406 (`Accept` and the like).
   * Default: true.
   */
  releaseOnFailure?: boolean;
}

const WHERE = '@UseRequestToken()';

const checkOptions = checkOf<UseRequestTokenOptions>(WHERE, "{ scope: 'rsvp' }", {
  scope: 'leave it out for tokens that their target alone binds',
  required: null,
  onInvalid: null,
  confirm: 'leave it out for a route that acts at once',
  direct: null,
  log: null,
  releaseOnFailure: null,
});

/** @throws TypeError at decoration, so that a bad route never serves */
export function checkRouteOptions(given: unknown[]): UseRequestTokenOptions {
  const [options = {}] = given as [options?: UseRequestTokenOptions];
  if (given.length > 1 || typeof options === 'function') {
    throw new TypeError('@UseRequestToken is to be called: @UseRequestToken()');
  }
  if (given.length === 1 && given[0] === undefined) {
    throw new TypeError('@UseRequestToken(): the options are undefined; leave them out for none');
  }
  assertRouteOptions(options);
  if (options.scope !== undefined) assertScope(options.scope);
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** @throws TypeError that names what is wrong with them; of the scope only that it is undefined */
function assertRouteOptions(options: UseRequestTokenOptions): void {
  checkOptions(options);
  assertBooleans(WHERE, options, ['required', 'direct', 'log', 'releaseOnFailure']);
  const { onInvalid, confirm } = options;
  if (onInvalid !== undefined && onInvalid !== 'refuse' && onInvalid !== 'ignore') {
    throw new TypeError(`${WHERE}: onInvalid must be 'refuse' or 'ignore'`);
  }
  if (confirm !== undefined && typeof confirm !== 'boolean' && typeof confirm !== 'function') {
    assertConfirmOptions(confirm, `${WHERE}: confirm`);
  }
}
