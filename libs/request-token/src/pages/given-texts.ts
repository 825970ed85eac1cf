import { assertTexts, checkOf, isObject, type Known } from '../common/given.js';
import { assertLanguage } from '../common/language.js';
import { checkConfirmTexts } from '../routes/confirm-options.js';
import { canonicalTag } from './languages.js';
import type { FailureCode, RefusalTexts, RequestTokenTexts } from './page.js';
import { FAILURE_CODES } from './texts.js';

const checkLanguageTexts = checkOf<RequestTokenTexts>('texts', '{ confirm: {}, refusals: {} }', {
  confirm: null,
  refusals: null,
  support: null,
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

/** @throws TypeError that names what is wrong with the texts of the module's pages */
export function assertPageTexts(texts: unknown, where: string): void {
  if (!isObject(texts)) throw new TypeError(`${where} must be an object of texts by language tag`);
  const known = new Map<string, string>();
  for (const [tag, ofLanguage] of Object.entries(texts)) {
    assertLanguage(tag, `${where}: '${tag}'`);
    const other = known.get(canonicalTag(tag));
    if (other !== undefined) throw new TypeError(`${where}: '${other}' and '${tag}' are the same language`);
    known.set(canonicalTag(tag), tag);
    assertTextsOfLanguage(ofLanguage, `${where}.${tag}`);
  }
}

function assertTextsOfLanguage(texts: unknown, where: string): void {
  checkLanguageTexts(texts, where);
  const { confirm, refusals, support } = texts as RequestTokenTexts;
  assertTexts(where, { support });
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
