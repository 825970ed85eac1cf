import type { CompleteTexts, FailureCode, RequestTokenTexts } from './page.js';
import { TEXTS } from './texts/index.js';

/** Everything that can be said of a link that does not work. */
export const FAILURE_CODES = Object.keys(TEXTS.en.refusals) as FailureCode[];

/** The app's texts laid over the module's; what a language lacks is taken from the fallback language. */
export function completeTexts(
  own: Record<string, RequestTokenTexts>,
  fallbackLanguage: string,
): Record<string, CompleteTexts> {
  const fallback = lay(own[fallbackLanguage], TEXTS[fallbackLanguage] ?? TEXTS.en);
  const languages = new Set([fallbackLanguage, ...Object.keys(TEXTS), ...Object.keys(own)]);
  return Object.fromEntries([...languages].map((lang) => [lang, lay(own[lang], TEXTS[lang] ?? fallback)]));
}

function lay(own: RequestTokenTexts = {}, over: CompleteTexts): CompleteTexts {
  const refusals = Object.entries(over.refusals).map(([code, texts]) => [
    code,
    { ...texts, ...own.refusals?.[code as FailureCode] },
  ]);
  return {
    confirm: { ...over.confirm, ...own.confirm },
    refusals: Object.fromEntries(refusals) as CompleteTexts['refusals'],
    support: own.support ?? over.support,
  };
}
