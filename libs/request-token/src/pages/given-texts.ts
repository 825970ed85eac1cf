import { assertTexts, checkOf, isObject, type Known } from '../given.js';
import type { ConfirmOptions, ConfirmTexts, FailureCode, RefusalTexts, RequestTokenTexts } from './page.js';
import { FAILURE_CODES } from './texts.js';

const CONFIRM: Known<ConfirmTexts> = { title: null, message: null, button: null };

const checkConfirmTexts = checkOf<ConfirmTexts>('confirm', "{ title: 'Unsubscribe?' }", CONFIRM);

const checkConfirmOptions = checkOf<ConfirmOptions>('confirm', "{ title: 'Unsubscribe?' }", {
  ...CONFIRM,
  translations: null,
});

const checkLanguageTexts = checkOf<RequestTokenTexts>('texts', '{ confirm: {}, refusals: {} }', {
  confirm: null,
  refusals: null,
});

const checkRefusals = checkOf<Record<FailureCode, unknown>>(
  'refusals',
  '{ token_expired: {} }',
  Object.fromEntries(FAILURE_CODES.map((code) => [code, null])) as Known<Record<FailureCode, unknown>>,
);

const checkRefusalTexts = checkOf<RefusalTexts>('refusals', "{ title: 'Too late' }", {
  title: null,
  message: null,
});

/** @throws TypeError if it is no BCP 47 language tag */
export function assertLanguage(tag: unknown, where: string): void {
  try {
    new Intl.Locale(tag as string);
  } catch {
    throw new TypeError(`${where} must be a BCP 47 language tag such as 'en' or 'pt-BR'`);
  }
}

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

/** @throws TypeError that names what is wrong with the texts of the module's pages */
export function assertPageTexts(texts: unknown, where: string): void {
  if (!isObject(texts)) throw new TypeError(`${where} must be an object of texts by language tag`);
  for (const [tag, ofLanguage] of Object.entries(texts)) {
    assertLanguage(tag, `${where}: '${tag}'`);
    assertTextsOfLanguage(ofLanguage, `${where}.${tag}`);
  }
}

function assertTextsOfLanguage(texts: unknown, where: string): void {
  checkLanguageTexts(texts, where);
  const { confirm, refusals } = texts as RequestTokenTexts;
  if (confirm !== undefined) {
    checkConfirmTexts(confirm, `${where}.confirm`);
    assertTexts(`${where}.confirm`, confirm);
  }
  if (refusals === undefined) return;
  checkRefusals(refusals, `${where}.refusals`);
  for (const [code, ofCode] of Object.entries(refusals)) {
    checkRefusalTexts(ofCode, `${where}.refusals.${code}`);
    assertTexts(`${where}.refusals.${code}`, ofCode);
  }
}
