/** U+0000, and halves of surrogate pairs. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** Whether PostgreSQL can store the text as it is. */
export const isStorable = (text: string): boolean => !UNSTORABLE.test(text);

/** An entry of an index has room for 2,704, and those of users have a scope and an id, too. */
export const MAX_INDEXED_BYTES = 2_000;

/** Whether there is room for the text in an index. */
export const isIndexable = (text: string): boolean => Buffer.byteLength(text) <= MAX_INDEXED_BYTES;

/** Whether PostgreSQL can store it as jsonb: every text in it, names included. */
export function isStorableJson(value: unknown): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, member]) => isStorable(name) && isStorableJson(member));
}
