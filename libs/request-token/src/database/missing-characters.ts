import { sqlStateOf } from './database-errors.js';

/** untranslatable_character, of an encoding that lacks it; character_not_in_repertoire. */
const IS_MISSING = /^(22P05|22021)$/;

/** The bytes, in UTF-8, as the error tells them in every language. */
const BYTES = /0x[0-9a-f]{2}(?: 0x[0-9a-f]{2})*/i;

/** What stands in for a character that the database lacks. */
const REPLACEMENT = '?';

/** Which character of a statement the encoding of the database lacks; `''` if one, but not known which. */
export function missingCharacter(error: unknown): string | undefined {
  if (!IS_MISSING.test(sqlStateOf(error) ?? '')) return undefined;
  const [bytes = ''] = BYTES.exec(String(error)) ?? [];
  return Buffer.from(bytes.replace(/0x| /gi, ''), 'hex').toString();
}

/** So many characters are learned one by one, each at the price of a statement that fails. */
const LEARNED_AT_ONCE = 5;

/** More than the characters that a client could make up are not remembered. */
const MOST_REMEMBERED = 1_000;

/**
 * Knows which characters the encoding of the database lacks: none, if it is UTF8. PostgreSQL only tells the first
 * of them, by refusing the statement. What is only logged must not have it refused.
 */
export class MissingCharacters {
  private readonly known = new Set<string>();

  /** Sends `rows` with the missing characters of these columns replaced. */
  async without<Row extends object, Result>(
    rows: Row[],
    columns: readonly (keyof Row)[],
    send: (rows: Row[]) => Promise<Result>,
  ): Promise<Result> {
    for (let failures = 0; ; failures++) {
      const isLast = failures > LEARNED_AT_ONCE;
      try {
        const isAsItCame = this.known.size === 0 && !isLast;
        return await send(isAsItCame ? rows : rows.map((row) => this.replacedIn(row, columns, isLast)));
      } catch (error) {
        const character = missingCharacter(error);
        if (character === undefined || isLast) throw error;
        if (this.known.size >= MOST_REMEMBERED) this.known.clear();
        if (character !== '') this.known.add(character);
      }
    }
  }

  private replacedIn<Row extends object>(row: Row, columns: readonly (keyof Row)[], isLast: boolean): Row {
    const replaced = { ...row };
    for (const column of columns) {
      const value = row[column];
      if (typeof value === 'string') replaced[column] = this.replaced(value, isLast) as Row[keyof Row];
    }
    return replaced;
  }

  private replaced(text: string, isLast: boolean): string {
    // eslint-disable-next-line no-control-regex -- U+0000 is missing everywhere
    if (isLast) return text.replace(/[^\x01-\x7f]/gu, REPLACEMENT);
    return Array.from(text, (character) => (this.known.has(character) ? REPLACEMENT : character)).join('');
  }
}
