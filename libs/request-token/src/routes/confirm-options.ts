import { assertTexts, checkOf, isObject, type Known } from '../common/given.js';
import { assertLanguage } from '../common/language.js';
import type { RequestToken } from '../entities/request-token.entity.js';

/**
 * Texts of a confirm page, complete. They are text, not HTML.
 *
 * @publicApi
 */
export interface ConfirmTexts {
  /** Heading and title of the page: the question, such as `'Unsubscribe?'`. */
  title: string;
  /** What happens when the button is pressed. */
  message: string;
  /** Label of the one button. */
  button: string;
}

/**
 * Texts of one route's confirm page. What is left out is taken from the module's.
 *
 * @publicApi
 */
export interface ConfirmOptions extends Partial<ConfirmTexts> {
  /** The same in other languages, by BCP 47 tag; the texts beside it are in the fallback language. */
  translations?: Record<string, Partial<ConfirmTexts>>;
}

/**
 * Whose link it is, for texts that say so.
 *
 * @publicApi
 */
export interface ConfirmContext {
  /** `request.user`, for login modes `request` and `session`. */
  user: unknown;
  /** The row, of which no use has been taken. */
  token: RequestToken;
  /** The framework's request. */
  request: unknown;
}

/**
 * Makes the texts for one reader, at once: what they need can stand in `data` of the token. They are text, not HTML.
 * If it throws, or returns a promise, the answer is 503, and the error is logged.
 *
 * @publicApi
 */
export type ConfirmOptionsOf = (context: ConfirmContext) => ConfirmOptions;

const CONFIRM: Known<ConfirmTexts> = { title: null, message: null, button: null };

export const checkConfirmTexts = checkOf<ConfirmTexts>('confirm', "{ title: 'Unsubscribe?' }", CONFIRM);

const checkConfirmOptions = checkOf<ConfirmOptions>('confirm', "{ title: 'Unsubscribe?' }", {
  ...CONFIRM,
  translations: null,
});

/** @throws TypeError that names what is wrong with the texts of a route's confirm page */
export function assertConfirmOptions(confirm: unknown, where: string): asserts confirm is ConfirmOptions {
  checkConfirmOptions(confirm, where);
  const { translations, ...own } = confirm as ConfirmOptions;
  assertTexts(where, own);
  if (translations === undefined) return;
  if (!isObject(translations))
    throw new TypeError(`${where}.translations must be an object of texts by language tag`);
  for (const [tag, texts] of Object.entries(translations)) {
    assertLanguage(tag, `${where}.translations: '${tag}'`);
    checkConfirmTexts(texts, `${where}.translations.${tag}`);
    assertTexts(`${where}.translations.${tag}`, texts);
  }
}
