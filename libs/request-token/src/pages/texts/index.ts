// Made by scripts/index-texts.js.
import type { CompleteTexts } from '../page.js';
import ar from './ar.js';
import de from './de.js';
import en from './en.js';
import es from './es.js';
import fr from './fr.js';
import he from './he.js';
import it from './it.js';
import ja from './ja.js';
import nl from './nl.js';
import pl from './pl.js';
import pt from './pt.js';
import zhHans from './zh-Hans.js';

/** The texts that come with the module, by BCP 47 language tag. */
export const TEXTS: Record<string, CompleteTexts> = {
  ar,
  de,
  en,
  es,
  fr,
  he,
  it,
  ja,
  nl,
  pl,
  pt,
  'zh-Hans': zhHans,
};
