import { describe, expect, it } from '@jest/globals';
import { directionOf, Languages } from './languages.js';
import { TEXTS } from './texts/index.js';

const best = (available: string[], accepted: string) => new Languages(available).best(accepted.split(', '));

describe('The language of a reader', () => {
  const OWN = Object.keys(TEXTS);

  it.each([
    ['en', 'en'],
    ['EN-us', 'en'],
    ['de-AT', 'de'],
    ['nl-BE', 'nl'],
    ['pt', 'pt'],
    ['pt-BR', 'pt'],
    ['pt-PT', 'pt'],
    ['es-419', 'es'],
    ['fr-CA-u-nu-latn', 'fr'],
    ['de-1996', 'de'],
    ['ar-EG', 'ar'],
    ['he', 'he'],
    ['he-IL', 'he'],
    ['iw', 'he'],
    ['iw-IL', 'he'],
    ['ja-JP', 'ja'],
    ['zh', 'zh-Hans'],
    ['zh-CN', 'zh-Hans'],
    ['zh-SG', 'zh-Hans'],
    ['zh-Hans', 'zh-Hans'],
    ['zh-hans-cn', 'zh-Hans'],
    ['zh-Hans-HK', 'zh-Hans'],
    ['cmn-Hans', 'zh-Hans'],
  ])('%s is %s', (accepted, language) => {
    expect(best(OWN, accepted)).toBe(language);
  });

  it.each(['tlh', 'fi-FI', 'zh-TW', 'zh-HK', 'zh-Hant', 'zh-Hant-CN', 'yue', 'nds', 'enm'])(
    '%s is none of the module',
    (accepted) => {
      expect(best(OWN, accepted)).toBeUndefined();
    },
  );

  it.each([
    ['zh-TW, zh, en-US, en', 'en'],
    ['zh-Hant-TW, zh, de', 'de'],
    ['zh-HK, zh, zh-TW', undefined],
    ['zh-TW, zh, zh-CN, en', 'zh-Hans'],
    ['zh-CN, zh, zh-TW, zh-HK, en', 'zh-Hans'],
    ['zh, zh-TW', 'zh-Hans'],
  ])('is not simplified Chinese because the browser has added zh to zh-TW: %s', (accepted, language) => {
    expect(best(OWN, accepted)).toBe(language);
  });

  it.each([
    ['the first that there is', ['en', 'de'], 'fi, de, en', 'de'],
    ['the one that is nearest', ['en', 'en-US', 'en-GB'], 'en-GB-oxendict', 'en-GB'],
    ['the general one before that of another region', ['pt-PT', 'pt'], 'pt-BR', 'pt'],
    ['that of another region before none', ['en', 'pt-PT'], 'pt-BR', 'pt-PT'],
    ['that of a region for who names none', ['en', 'pt-BR'], 'pt', 'pt-BR'],
    ['the right script before the shorter tag', ['zh', 'zh-Hant'], 'zh-TW', 'zh-Hant'],
    ['what the app calls by the language alone', ['en', 'zh'], 'zh-TW', 'zh'],
    ['the other script for who names none', ['en', 'sr-Latn'], 'sr-RS', 'sr-Latn'],
    ['but not for who names one', ['en', 'sr-Latn'], 'sr-Cyrl', undefined],
    ['a tag as the app has it', ['en', 'pt-br'], 'pt-BR', 'pt-br'],
    ['another name of the same', ['en', 'iw'], 'he', 'iw'],
  ])('is %s', (_, available, accepted, language) => {
    expect(best(available, accepted)).toBe(language);
  });

  it.each(['*', 'x', '-', 'a_b', 'i-', 'deutsch_de', '', '💥', 'x-private', 'en-', '\0'])(
    'is unknown, and nothing fails, where the header says %j',
    (accepted) => {
      expect(best(OWN, accepted)).toBeUndefined();
      expect(best(OWN, `${accepted}, de`)).toBe(accepted === '*' ? undefined : 'de');
    },
  );
});

describe('The direction of a language', () => {
  it.each([
    ...['ar', 'ar-EG', 'he', 'iw', 'fa', 'ur', 'yi', 'ps', 'sd', 'ug', 'ckb', 'dv', 'syr', 'nqo', 'ks'],
    ...['az-Arab', 'ku-Arab', 'pa-PK', 'ff-Adlm', 'rhg', 'AR', 'ar-latn-x-arab', 'en-Hebr'],
  ])('is given by the script of %s', (tag) => {
    const isLatin = tag.includes('latn');
    expect(directionOf(tag)).toBe(isLatin ? 'ltr' : 'rtl');
  });

  it.each(['en', 'de', 'ja', 'zh-Hans', 'ru', 'ka', 'am', 'az', 'ku', 'pa', 'ar-Latn', 'tlh', 'mn-Mong'])(
    'is from left to right for %s',
    (tag) => {
      expect(directionOf(tag)).toBe('ltr');
    },
  );
});
