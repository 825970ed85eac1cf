import { canonicalTag, Languages } from './languages.js';
import type { CompleteTexts, FailureCode, RequestTokenTexts } from './page.js';
import { TEXTS } from './texts/index.js';

/** Everything that can be said of a link that does not work. */
export const FAILURE_CODES = Object.keys(TEXTS.en.refusals) as FailureCode[];

/**
 * The app's texts laid over the module's, by canonical tag, the fallback language first. What a language of the app's
 * lacks is taken from the module's nearest, or else from the fallback language.
 */
export function completeTexts(
  given: Record<string, RequestTokenTexts>,
  fallbackLanguage: string,
): Record<string, CompleteTexts> {
  const own = Object.fromEntries(Object.entries(given).map(([tag, texts]) => [canonicalTag(tag), texts]));
  const general = Object.fromEntries(
    Object.entries(TEXTS).map(([tag, texts]) => [tag, lay(own[tag], texts)]),
  );
  const languages = new Languages(Object.keys(general));
  const complete = (tag: string, otherwise: CompleteTexts): CompleteTexts =>
    general[tag] ?? lay(own[tag], general[languages.best([tag]) ?? ''] ?? otherwise);

  const fallback = complete(fallbackLanguage, general.en);
  const tags = new Set([fallbackLanguage, ...Object.keys(own), ...Object.keys(general)]);
  return Object.fromEntries([...tags].map((tag) => [tag, complete(tag, fallback)]));
}

function lay(own: RequestTokenTexts = {}, over: CompleteTexts): CompleteTexts {
  const refusals = FAILURE_CODES.map((code) => [code, layTexts(over.refusals[code], own.refusals?.[code])]);
  return {
    confirm: layTexts(over.confirm, own.confirm),
    refusals: Object.fromEntries(refusals) as CompleteTexts['refusals'],
    support: own.support ?? over.support,
  };
}

/** The later go before; what is there and undefined is as good as left out. */
export function layTexts<Texts extends object>(texts: Texts, ...over: (Partial<Texts> | undefined)[]): Texts {
  const given = over.flatMap((each) => Object.entries(each ?? {}).filter(([, text]) => text !== undefined));
  return { ...texts, ...Object.fromEntries(given) };
}
