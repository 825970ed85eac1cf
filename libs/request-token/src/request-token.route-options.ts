import { assertBooleans, checkOf } from './given.js';
import { assertConfirmOptions } from './pages/given-texts.js';
import type { UseRequestTokenOptions } from './request-token.metadata.js';

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

/** @throws TypeError that names what is wrong with them; of the scope only that it is undefined */
export function assertRouteOptions(options: UseRequestTokenOptions): void {
  checkOptions(options);
  assertBooleans(WHERE, options, ['required', 'direct', 'log', 'releaseOnFailure']);
  const { onInvalid, confirm } = options;
  if (onInvalid !== undefined && onInvalid !== 'refuse' && onInvalid !== 'ignore') {
    throw new TypeError(`${WHERE}: onInvalid must be 'refuse' or 'ignore'`);
  }
  if (confirm !== undefined && typeof confirm !== 'boolean') {
    assertConfirmOptions(confirm, `${WHERE}: confirm`);
  }
}
