import { createHmac, type KeyObject } from 'node:crypto';
import { types } from 'node:util';

/** Of 6 bits each: 96 bits, enough against guessing, and short enough for a link. */
const LENGTH = 16;

/**
 * Tells whether values are still what they were, and nothing else about them: without the key they cannot be tried
 * out, and for another token the same values look different. HMAC-SHA-256 over JSON, see {@link canonical}.
 *
 * @throws TypeError if one of the values cannot be told from others
 */
export const fingerprintOf = (key: KeyObject, tokenId: string, values: readonly unknown[]): string =>
  createHmac('sha256', key).update(canonical(tokenId, values)).digest('base64url').slice(0, LENGTH);

/**
 * One text for the same values, and no other for the same text. Null, texts, booleans and numbers stand for
 * themselves; all else is a list that begins with its type, so that the number 1 is not the bigint, nor a date its text.
 *
 * @throws TypeError if one of the values cannot be told from others, as undefined, a function or an instance of a class
 */
export function canonical(tokenId: string, values: readonly unknown[]): string {
  return JSON.stringify([tokenId, ...Array.from(values, tagged)]);
}

type Tagged = null | string | boolean | number | Tagged[];

function tagged(value: unknown): Tagged {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      // JSON has no others.
      return Number.isFinite(value) ? value : ['number', String(value)];
    case 'bigint':
      return ['bigint', String(value)];
    case 'object':
      return value === null ? null : taggedObject(value);
    default:
      throw new TypeError(`boundTo: a value is ${typeof value}; give null for what there is not`);
  }
}

function taggedObject(value: object): Tagged {
  if (Array.isArray(value)) return ['list', ...Array.from(value, tagged)];
  if (types.isDate(value)) return ['date', timeOf(value)];
  if (types.isUint8Array(value)) return ['bytes', Buffer.from(value).toString('base64')];
  const prototype: unknown = Object.getPrototypeOf(value);
  // Of whatever realm: an object literal's prototype has none itself.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new TypeError(
      `boundTo: a value is of the class ${value.constructor.name}; give texts, numbers, dates or bytes instead`,
    );
  }
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return ['object', ...entries.map(([key, member]): Tagged => [key, tagged(member)])];
}

function timeOf(date: Date): string {
  if (Number.isNaN(date.getTime())) throw new TypeError('boundTo: a value is an invalid Date');
  return date.toISOString();
}
