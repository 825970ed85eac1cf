import { isStorable } from './storable.js';

/** A scope fills a `varchar(100)`. */
export const isScope = (scope: unknown): scope is string =>
  typeof scope === 'string' && scope !== '' && scope.length <= 100 && isStorable(scope);

export function assertScope(scope: unknown): asserts scope is string {
  if (!isScope(scope)) {
    throw new TypeError('scope must be a text of 1 to 100 characters that PostgreSQL can store');
  }
}
