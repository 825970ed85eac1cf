import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { RequestTokenErrorCode } from '../common/exception.js';
import { FAILURE_CODES } from './texts.js';
import { TEXTS } from './texts/index.js';

const WRITTEN_IN: Record<string, RegExp> = {
  Arab: /\p{Script=Arab}/u,
  Hans: /\p{Script=Han}/u,
  Hebr: /\p{Script=Hebr}/u,
  Jpan: /\p{Script=Hiragana}/u,
  Latn: /\p{Script=Latin}/u,
};

/** Every text of a language with its path. */
const textsIn = (value: unknown, path = ''): [string, string][] =>
  typeof value === 'string'
    ? [[path, value]]
    : Object.entries(value as object).flatMap(([name, part]) => textsIn(part, `${path}.${name}`));

describe('Texts of the module', () => {
  it('are those of all files in their folder', () => {
    const script = join(process.cwd(), 'libs/request-token/scripts/index-texts.js');
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('are in the languages that most mail is read in', () => {
    expect(Object.keys(TEXTS)).toEqual(
      expect.arrayContaining(['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'ja', 'zh-Hans', 'ar', 'he']),
    );
  });

  it('say something of every code', () => {
    expect([...FAILURE_CODES].sort()).toEqual([...Object.keys(RequestTokenErrorCode), 'unavailable'].sort());
  });

  describe.each(Object.keys(TEXTS))('in %s', (tag) => {
    const texts = textsIn(TEXTS[tag]);

    it('stand under the canonical form of their BCP 47 tag', () => {
      expect(Intl.getCanonicalLocales(tag)).toEqual([tag]);
    });

    it('are as many as in English, in the script of the language, and without stray spaces', () => {
      const script = WRITTEN_IN[new Intl.Locale(tag).maximize().script ?? ''];
      expect(texts.map(([path]) => path)).toEqual(textsIn(TEXTS.en).map(([path]) => path));
      for (const [path, text] of texts) {
        expect([path, text.replace(/\s/g, ' ')]).toEqual([path, text.trim()]);
        // In Japanese a short text may be of Han and Katakana alone.
        expect([path, text]).toEqual([path, expect.stringMatching(tag === 'ja' ? /[^\p{ASCII}]/u : script)]);
      }
    });

    it('are their own, and not left in another language', () => {
      const others = Object.keys(TEXTS).filter((other) => other !== tag);
      const ofOthers = new Set(
        others.flatMap((other) => textsIn(TEXTS[other].refusals).map(([, text]) => text)),
      );
      expect(textsIn(TEXTS[tag].refusals).filter(([, text]) => ofOthers.has(text))).toEqual([]);
    });

    it('have titles without a full stop, and messages of whole sentences', () => {
      for (const { title, message } of [TEXTS[tag].confirm, ...Object.values(TEXTS[tag].refusals)]) {
        expect(title).not.toMatch(/[.。]$/);
        expect(message).toMatch(/[.。]$/);
      }
    });
  });
});
