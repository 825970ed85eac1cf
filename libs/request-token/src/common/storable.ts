/** U+0000, and halves of surrogate pairs. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** Whether PostgreSQL can store the text as it is. */
export const isStorable = (text: string): boolean => !UNSTORABLE.test(text);
